import { describe, expect, it } from 'vitest';
import { SipHeaders, type SipRequest } from '../message/message.ts';
import { sessionBody } from './sdp-body.ts';

const SDP = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n';

function invite(body: string, headers: Record<string, string>): SipRequest {
  return {
    kind: 'request',
    method: 'INVITE',
    uri: 'sip:a@b',
    headers: SipHeaders.from(Object.entries(headers)),
    body: Buffer.from(body),
  };
}

describe('sessionBody', () => {
  it('takes SDP, whatever the case and parameters of its type', () => {
    expect(sessionBody(invite(SDP, { 'Content-Type': 'Application/SDP; charset=utf-8' }))).toEqual({
      kind: 'sdp',
      sdp: SDP,
    });
    expect(sessionBody(invite(SDP, {}))).toEqual({ kind: 'sdp', sdp: SDP });
  });

  it('finds the SDP among the parts of a multipart body, quoted boundary or not', () => {
    for (const sdp of [SDP, SDP.trimEnd()]) expectFound(sdp);
  });

  function expectFound(sdp: string): void {
    const body = `--b1\r\nContent-Type: application/isup\r\n\r\nxyz\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n${sdp}\r\n--b1--\r\n`;
    for (const boundary of ['b1', '"b1"']) {
      const found = sessionBody(invite(body, { 'Content-Type': `multipart/mixed;boundary=${boundary}` }));
      expect(found).toEqual({ kind: 'sdp', sdp: SDP });
    }
  }

  it('tells no body from one it cannot read', () => {
    expect(sessionBody(invite('', { 'Content-Type': 'text/plain' })).kind).toBe('none');
    expect(sessionBody(invite('x', { 'Content-Type': 'text/plain' })).kind).toBe('unsupported');
    expect(sessionBody(invite('x', { 'Content-Type': 'multipart/mixed' })).kind).toBe('unsupported');
    expect(sessionBody(invite('x', { 'Content-Type': 'application/sdp', 'Content-Encoding': 'gzip' })).kind).toBe(
      'unsupported',
    );
    const optional = { 'Content-Type': 'image/jpeg', 'Content-Disposition': 'icon; handling=optional' };
    expect(sessionBody(invite('x', optional)).kind).toBe('none');
  });
});
