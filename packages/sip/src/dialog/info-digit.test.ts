import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/message.ts';
import { readInfo } from './info-digit.ts';

function info(type: string | null, body: string, more: [string, string][] = []) {
  const headers = new SipHeaders();
  if (type !== null) headers.append('Content-Type', type);
  for (const [name, value] of more) headers.append(name, value);
  return readInfo({ kind: 'request', method: 'INFO', uri: 'sip:a@b', headers, body: Buffer.from(body) });
}

describe('readInfo', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=100\r\n', '5', 100],
    ['application/dtmf-relay', 'Signal= 5\r\nDuration= 100', '5', 100],
    ['Application/DTMF-Relay; charset=utf-8', 'signal=#\nduration=250\n', '#', 250],
    ['application/dtmf-relay', 'Duration=90\r\nSignal=*\r\n', '*', 90],
    ['application/dtmf-relay', 'Signal=d\r\n', 'D', 160],
    ['application/dtmf-relay', 'Signal=10\r\nDuration=999999\r\n', '*', 10_000],
    ['application/dtmf-relay', 'Signal=11\r\nDuration=abc\r\n', '#', 160],
    ['application/dtmf', '7', '7', 160],
    ['application/dtmf', ' 0\r\n', '0', 160],
    ['application/dtmf', 'Signal=9\r\nDuration=80', '9', 80],
  ])('reads the key of %s %j', (type, body, digit, durationMs) => {
    expect(info(type, body)).toEqual({ status: 200, digit: { digit, durationMs } });
  });

  it.each([
    ['application/dtmf-relay', 'Signal=hf\r\nDuration=160\r\n'],
    ['application/dtmf-relay', 'Signal=16\r\n'],
    ['application/dtmf-relay', 'Signal=12345\r\n'],
    ['application/dtmf-relay', '\0\0\0'],
    ['application/dtmf', ''],
    ['application/dtmf', 'x'],
    [null, ''],
  ])('takes %s %j without a key', (type, body) => {
    expect(info(type, body)).toEqual({ status: 200, digit: null });
  });

  it('refuses what it cannot read', () => {
    expect(info('application/media_control+xml', '<x/>')).toEqual({ status: 415, digit: null });
    expect(info(null, 'Signal=5')).toEqual({ status: 415, digit: null });
    expect(info('application/dtmf-relay', 'Signal=5', [['Info-Package', 'foo']])).toEqual({ status: 469, digit: null });
  });
});
