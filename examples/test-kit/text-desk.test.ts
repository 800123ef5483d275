/** Text messages: what comes in, what the flow answers. */
import { readFileSync } from 'node:fs';
import { lintDocument, simulateMessage } from '@voxology/callflow';
import { expect, test } from 'vitest';

const flow = readFileSync(new URL('./text-desk.yaml', import.meta.url), 'utf8');

test('an order number is looked up', async () => {
  const http = ({ url }: { url: string }) => ({ body: { state: url.endsWith('/123456') ? 'on its way' : 'unknown' } });
  const message = await simulateMessage(flow, { text: ' 123456 ', http });
  message.replies('Order 123456 is on its way.');
  expect(message.sent).toHaveLength(1);
});

test('anything else is no order number', async () => {
  (await simulateMessage(flow, { text: 'Hello?' })).replies('That is no order number.');
});

test('HELP helps; STOP is the last word', async () => {
  (await simulateMessage(flow, { text: 'help' })).replies('Write your order number');
  expect((await simulateMessage(flow, { text: 'STOP' })).sent).toEqual([]);
});

test('nothing in it needs a call', () => {
  expect(lintDocument(flow, { sms: true })).toEqual([]);
});
