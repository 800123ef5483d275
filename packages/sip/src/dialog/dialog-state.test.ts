import { describe, expect, it } from 'vitest';
import { parseMessage } from '../message/parse.ts';
import { parseVia } from '../message/via.ts';
import { type InboundRequest, tagOf } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import { UdpTransport } from '../transport/udp.ts';
import { dialogRequest } from './dialog-request.ts';
import { dialogOfRequest, dialogOfResponse, refreshTarget, takeRemoteCseq } from './dialog-state.ts';
import { nextHop } from './next-hop.ts';

const PEER: Peer = { protocol: 'udp', address: '198.51.100.7', port: 33412 };

function message(startLine: string, lines: string[]) {
  const base = ['From: "A" <sip:a@example.com>;tag=fa', 'Call-ID: c1', 'CSeq: 7 INVITE'];
  const parsed = parseMessage(Buffer.from(`${[startLine, ...base, ...lines].join('\r\n')}\r\n\r\n`));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.message;
}

function inbound(via: string, lines: string[], source = PEER): InboundRequest {
  const request = message('INVITE sip:b@example.net SIP/2.0', [`Via: ${via}`, 'To: <sip:b@example.net>', ...lines]);
  const parsed = parseVia(via);
  if (request.kind !== 'request' || parsed === null) throw new Error('bad test message');
  return {
    request,
    via: parsed,
    cseq: { number: 7, method: 'INVITE' },
    callId: 'c1',
    fromTag: tagOf(request.headers.get('From')),
    toTag: '',
    source,
    transport: new UdpTransport('127.0.0.1', 0),
  };
}

describe('the dialog of a received INVITE (RFC 3261 §12.1.1)', () => {
  const routes = ['Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com:5070;lr>'];

  it('takes tags, target and route set as they stand', () => {
    const state = dialogOfRequest(
      inbound('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1', [...routes, 'Contact: <sip:a@10.1.1.1:5060>']),
      'lb',
      '<sip:b@192.0.2.1:5060>',
    );
    expect(state).toMatchObject({
      callId: 'c1',
      localTag: 'lb',
      remoteTag: 'fa',
      localUri: 'sip:b@example.net',
      remoteUri: 'sip:a@example.com',
      remoteTarget: 'sip:a@10.1.1.1:5060',
      routeSet: ['<sip:p2.example.com;lr>', '<sip:p1.example.com:5070;lr>'],
      localCseq: 0,
      remoteCseq: 7,
      destination: { protocol: 'udp', address: 'p2.example.com', port: 5060 },
    });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    const bye = dialogRequest(state, 'BYE').request;
    expect(bye.uri).toBe('sip:a@10.1.1.1:5060');
    expect(bye.headers.all('Route')).toEqual(['<sip:p2.example.com;lr>', '<sip:p1.example.com:5070;lr>']);
    expect([bye.headers.get('From'), bye.headers.get('To'), bye.headers.get('CSeq')]).toEqual([
      '<sip:b@example.net>;tag=lb',
      '<sip:a@example.com>;tag=fa',
      '1 BYE',
    ]);
  });

  it('sends to the source of a client that does not know its own address', () => {
    const contact = ['Contact: <sip:a@192.168.1.5:5062>'];
    const hidden = dialogOfRequest(
      inbound('SIP/2.0/UDP 192.168.1.5:5062;branch=z9hG4bK1;rport', contact),
      'l',
      '<sip:b@c>',
    );
    expect(hidden.destination).toEqual(PEER);
    const honest = dialogOfRequest(
      inbound('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1', ['Contact: <sip:a@198.51.100.7:5099>']),
      'l',
      '<sip:b@c>',
    );
    expect(honest.destination).toEqual({ protocol: 'udp', address: '198.51.100.7', port: 5099 });
  });
});

describe('the dialog of an answer (RFC 3261 §12.1.2)', () => {
  const answer = (lines: string[]) => {
    const request = message('INVITE sip:b@192.168.1.9:5060 SIP/2.0', [
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'To: <sip:b@example.net>',
    ]);
    const response = message('SIP/2.0 200 OK', [
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'To: <sip:b@example.net>;tag=tb',
      ...lines,
    ]);
    if (request.kind !== 'request' || response.kind !== 'response') throw new Error('bad test message');
    return dialogOfResponse(request, response, { local: 'fa', remote: 'tb' }, '<sip:a@192.0.2.1>', PEER, PEER);
  };

  it('reverses the route set and goes on from the CSeq of the INVITE', () => {
    const state = answer(['Record-Route: <sip:p1;lr>, <sip:p2;lr>', 'Contact: <sip:b@203.0.113.4>']);
    expect(state).toMatchObject({
      routeSet: ['<sip:p2;lr>', '<sip:p1;lr>'],
      localUri: 'sip:a@example.com',
      remoteUri: 'sip:b@example.net',
      localCseq: 7,
      remoteCseq: null,
    });
    expect(dialogRequest(state, 'BYE').request.headers.get('CSeq')).toBe('8 BYE');
    const ack = dialogRequest(state, 'ACK', {}, 7);
    expect([ack.request.headers.get('CSeq'), ack.state.localCseq]).toEqual(['7 ACK', 7]);
  });

  it('goes on to where the INVITE was sent when the Contact is the address that was called', () => {
    expect(answer(['Contact: <sip:b@192.168.1.9:5060>']).destination).toEqual(PEER);
    expect(answer(['Contact: <sip:b@203.0.113.4:5070>']).destination).toEqual({
      protocol: 'udp',
      address: '203.0.113.4',
      port: 5070,
    });
  });
});

describe('requests in a dialog', () => {
  const state = dialogOfRequest(
    inbound('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1', ['Contact: <sip:a@198.51.100.7>']),
    'l',
    '<sip:b@c>',
  );

  it('turn around for a strict router (RFC 3261 §12.2.1.1)', () => {
    const { request } = dialogRequest({ ...state, routeSet: ['<sip:old.example.com>', '<sip:p1;lr>'] }, 'INFO');
    expect(request.uri).toBe('sip:old.example.com');
    expect(request.headers.all('Route')).toEqual(['<sip:p1;lr>', '<sip:a@198.51.100.7>']);
  });

  it('of the peer must count up; gaps are allowed', () => {
    expect(takeRemoteCseq(state, 7)).toBeNull();
    expect(takeRemoteCseq(state, 6)).toBeNull();
    expect(takeRemoteCseq(state, 100)?.remoteCseq).toBe(100);
    expect(takeRemoteCseq({ ...state, remoteCseq: null }, 1)?.remoteCseq).toBe(1);
  });

  it('of the peer can name a new target', () => {
    const update = inbound('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK2', ['Contact: <sip:a@198.51.100.7:5099>']);
    const next = refreshTarget(state, update.request, PEER);
    expect([next.remoteTarget, next.destination.port]).toEqual(['sip:a@198.51.100.7:5099', 5099]);
    const silent = inbound('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK2', []);
    expect(refreshTarget(state, silent.request, PEER)).toBe(state);
  });
});

describe('nextHop', () => {
  it.each([
    ['sip:a@203.0.113.1', { protocol: 'udp', address: '203.0.113.1', port: 5060 }],
    ['sip:a@[2001:db8::1]:5070', { protocol: 'udp', address: '2001:db8::1', port: 5070 }],
    ['sip:a@203.0.113.1;transport=TCP', { protocol: 'tcp', address: '203.0.113.1', port: 5060 }],
    ['sip:a@10.0.0.5', PEER],
    ['tel:+15550100', PEER],
    ['nonsense', PEER],
  ])('%s', (target, hop) => {
    expect(nextHop([], target, PEER, false)).toEqual(hop);
  });
});
