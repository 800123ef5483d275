import { expect, it } from 'vitest';
import { createRequest } from './create-request.ts';
import { createResponse } from './create-response.ts';
import { newBranch, newCallId, newTag } from './identifiers.ts';
import { SipHeaders } from './message.ts';
import { reasonPhrase } from './reason-phrases.ts';

it('builds a request with everything but Via', () => {
  const request = createRequest({
    method: 'INVITE',
    uri: 'sip:b@h',
    from: 'sip:a@h',
    to: '<sip:b@h>',
    callId: 'c',
    cseq: 7,
    headers: [['Contact', '<sip:a@1>']],
    body: 'é',
  });
  expect([...request.headers]).toEqual([
    ['Max-Forwards', '70'],
    ['From', expect.stringMatching(/^<sip:a@h>;tag=[0-9a-f]{16}$/)],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'c'],
    ['CSeq', '7 INVITE'],
    ['Contact', '<sip:a@1>'],
  ]);
  expect(request.body).toHaveLength(2);
  const tagged = createRequest({ method: 'BYE', uri: 'sip:b@h', from: '"x;tag=" <sip:a@h>;TAG=1', to: 'sip:b@h' });
  expect(tagged.headers.get('From')).toBe('"x;tag=" <sip:a@h>;TAG=1');
});

const request = {
  headers: SipHeaders.from([
    ['Via', 'SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2'],
    ['Record-Route', '<sip:p;lr>'],
    ['Via', 'SIP/2.0/UDP c;branch=3'],
    ['From', 'sip:a@h;tag=1'],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'c'],
    ['CSeq', '7 INVITE'],
    ['Timestamp', '5'],
    ['Subject', 's'],
  ]),
};

it('copies into a response what RFC 3261 §8.2.6.2 and §12.1.1 ask for', () => {
  const ringing = createResponse(request, 180, { toTag: 't', headers: [['Contact', '<sip:b@2>']] });
  expect([ringing.status, ringing.reason]).toEqual([180, 'Ringing']);
  expect([...ringing.headers]).toEqual([
    ['Via', 'SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2'],
    ['Record-Route', '<sip:p;lr>'],
    ['Via', 'SIP/2.0/UDP c;branch=3'],
    ['From', 'sip:a@h;tag=1'],
    ['To', '<sip:b@h>;tag=t'],
    ['Call-ID', 'c'],
    ['CSeq', '7 INVITE'],
    ['Contact', '<sip:b@2>'],
  ]);
  const trying = createResponse(request, 100);
  expect([trying.headers.get('Timestamp'), trying.headers.has('Record-Route')]).toEqual(['5', false]);
  expect(trying.headers.get('To')).toBe('<sip:b@h>');
  const refused = createResponse(request, 404, { reason: 'No Such Number', toTag: 't' });
  expect([refused.reason, refused.headers.has('Record-Route')]).toEqual(['No Such Number', false]);
});

it('leaves a tag that is there, and answers what could be read of a broken request', () => {
  const headers = request.headers.clone().set('To', 'sip:b@h;tag=old').remove('From');
  const response = createResponse({ headers }, 400, { toTag: 'new' });
  expect([response.headers.get('To'), response.headers.has('From')]).toEqual(['sip:b@h;tag=old', false]);
});

it('makes identifiers that differ', () => {
  const made = new Set<string>();
  for (let turn = 0; turn < 1000; turn++) made.add(newBranch()).add(newTag()).add(newCallId());
  expect(made.size).toBe(3000);
  expect(newBranch()).toMatch(/^z9hG4bK[0-9a-f]{24}$/);
});

it('knows a phrase for every status', () => {
  expect([486, 487, 699, 298].map(reasonPhrase)).toEqual([
    'Busy Here',
    'Request Terminated',
    'Global Failure',
    'Success',
  ]);
});
