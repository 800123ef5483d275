import type { CallbackBody } from '@voxology/callflow';
import { expect, test } from 'vitest';
import { encodeCallback } from './encode.ts';

const body: CallbackBody = {
  type: 'init_call',
  app_id: 'a',
  subaccount_id: '0',
  call_id: 'c@1',
  start_time: '2026-01-01T00:00:00.000Z',
  end_time: null,
  direction: 'inbound',
  duration: 12,
  status: 'live-in-progress',
  detection: 'unknown',
  caller_no: '+12125550101',
  caller_no_city: 'New York',
  caller_no_region: 'NY',
  caller_no_country: 'US',
  caller_no_timezone: 'America/New_York',
  api_no: '+14155550100',
  api_no_city: '',
  api_no_region: '',
  api_no_country: 'US',
  api_no_timezone: '',
  key_presses: [{ name: null, digits: '12' }],
  recordings: [],
  custom_data: null,
  session_data: { a: { b: true } },
  sip_domain: 'd',
  sip_forwarded_for: '127.0.0.1',
};

test('POST carries the body as JSON', () => {
  const {
    method,
    url,
    body: text,
    headers,
  } = encodeCallback({ url: 'http://h/p?x=1', method: 'POST', contentType: 'application/json' }, body);
  expect([method, url, headers['content-type']]).toEqual(['POST', 'http://h/p?x=1', 'application/json']);
  expect(JSON.parse(text ?? '')).toEqual(body);
});

test('GET flattens into the query string, keeping what the URL already has', () => {
  const encoded = encodeCallback({ url: 'http://h/p?x=1', method: 'GET', contentType: 'application/json' }, body);
  const query = new URL(encoded.url).searchParams;
  expect(encoded.body).toBeUndefined();
  expect(query.get('x')).toBe('1');
  expect(query.get('caller_no')).toBe('+12125550101');
  expect(query.get('key_presses[0][digits]')).toBe('12');
  expect(query.get('key_presses[0][name]')).toBe('');
  expect(query.get('session_data[a][b]')).toBe('true');
  expect(query.get('end_time')).toBe('');
  expect(query.get('recordings')).toBe('');
});

function posted(contentType: string, overrides: Partial<CallbackBody> = {}): string {
  const target = { url: 'http://h/p', method: 'POST', contentType } as const;
  const encoded = encodeCallback(target, { ...body, ...overrides });
  expect(encoded.headers['content-type']).toBe(contentType);
  return encoded.body ?? '';
}

test('POST as a form has the fields of the query string', () => {
  const form = new URLSearchParams(posted('application/x-www-form-urlencoded; charset=utf-8'));
  expect(form.get('key_presses[0][digits]')).toBe('12');
  expect(form.get('session_data[a][b]')).toBe('true');
  expect(form.get('custom_data')).toBe('');
});

test('POST as XML has an element for each field and each entry of a list', () => {
  const xml = posted('text/xml');
  expect(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<request><type>init_call</type>')).toBe(true);
  expect(xml).toContain('<end_time></end_time>');
  expect(xml).toContain('<key_presses><key_press><name></name><digits>12</digits></key_press></key_presses>');
  expect(xml).toContain('<recordings></recordings>');
  expect(xml).toContain('<session_data><a><b>true</b></a></session_data>');
});

test('session data of any kind makes well-formed XML', () => {
  const xml = posted('application/xml', {
    session_data: { 'a b<"': 'x & y\u0000', field: 'mine', list: [1, { '': 2 }], ['__proto__']: 'p' },
  });
  expect(xml).toContain(
    '<field>mine</field><field name="a b&lt;&quot;">x &amp; y</field><field name="__proto__">p</field>',
  );
  expect(xml).toContain('<list><item>1</item><item><field name="">2</field></item></list>');
});
