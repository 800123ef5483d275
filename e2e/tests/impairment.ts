/** A bad network between a phone and the server, and what the calls over it make of it. */
import { createSocket, type Socket } from 'node:dgram';
import { until } from '../lib/bounded.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { between, equal, ok } from '../lib/check.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { Fates, type Impairment, ImpairmentProxy } from '../lib/impairment-proxy.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

function countOf(impairment: Impairment, what: 'lost' | 'duplicated' | 'swapped'): number {
  const fates = new Fates(impairment);
  return Array.from({ length: 20_000 }, () => fates.next()[what]).filter(Boolean).length;
}

test('impairment: decisions keep to their shares, in bursts too, and are the same for the same seed', async () => {
  for (const lossBurstLength of [1, 4]) {
    between(countOf({ seed: 3, lossPercent: 5, lossBurstLength }, 'lost'), 800, 1200, 'lost of 20,000 at 5 %');
  }
  between(countOf({ duplicatePercent: 2 }, 'duplicated'), 340, 460, 'duplicated at 2 %');
  between(countOf({ reorderPercent: 10 }, 'swapped'), 1850, 2150, 'swapped at 10 %');
  equal(countOf({ lossPercent: 100 }, 'lost'), 20_000, 'lost at 100 %');
  const fates = new Fates({ seed: 9, lossPercent: 5, lossBurstLength: 4 });
  const losses = Array.from({ length: 20_000 }, () => fates.next().lost);
  const bursts = losses.filter((lost, at) => lost && !losses[at - 1]).length;
  between(losses.filter(Boolean).length / bursts, 3.5, 4.5, 'mean length of a burst');
  const [one, other] = [new Fates({ seed: 7, jitterMs: 50 }), new Fates({ seed: 7, jitterMs: 50 })];
  for (let i = 0; i < 100; i++) equal(one.next(), other.next(), `fate ${i}`);
});

async function open(onMessage: (socket: Socket, text: string, port: number) => void): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (data, from) => onMessage(socket, data.toString(), from.port));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  return socket;
}

test('impairment: the proxy loses, doubles and swaps what passes, delays it, and carries answers back', async (t) => {
  const came: string[] = [];
  const answers: { text: string; tookMs: number }[] = [];
  const sentMs = new Map<string, number>();
  const target = await open((socket, text, port) => {
    came.push(text);
    socket.send(text, port, '127.0.0.1');
  });
  t.defer(() => void target.close());
  const client = await open((_, text) => {
    answers.push({ text, tookMs: performance.now() - (sentMs.get(text) ?? 0) });
  });
  t.defer(() => void client.close());
  const proxy = await ImpairmentProxy.open(t, {
    toTarget: { seed: 5, lossPercent: 10, duplicatePercent: 10, reorderPercent: 10 },
    toClient: { seed: 6, delayMs: 20, jitterMs: 15 },
  });
  proxy.aim('127.0.0.1', target.address().port);
  const { counts } = proxy;
  for (let i = 0; i < 200; i++) {
    const text = String(i).padStart(3, '0');
    sentMs.set(text, performance.now());
    client.send(text, proxy.port, '127.0.0.1');
    await until(`packet ${i} at the proxy`, () => (counts.toTarget.came > i ? true : undefined), 2000, 1);
  }
  const { lost, duplicated, swapped } = counts.toTarget;
  const expected = 200 - lost + duplicated;
  await until('all answers', () => (answers.length >= expected ? true : undefined), 3000);
  equal(answers.length, expected, 'packets that came back');
  between(lost, 10, 30, 'lost of 200');
  ok(duplicated > 5 && swapped > 5, 'some packets are doubled and some swapped');
  equal(new Set(came).size, 200 - lost, 'different packets at the target');
  const backwards = came.filter((text, at) => at > 0 && text < (came[at - 1] ?? '')).length;
  equal(backwards, swapped, 'packets behind their follower');
  ok(
    answers.every(({ tookMs }) => tookMs >= 19),
    'nothing comes back before its delay',
  );
  equal(
    answers.map(({ text }) => text),
    came,
    'jitter keeps the order',
  );
});

test('impairment: keys pressed on a bad network are collected, each of them once', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const keys = '1155#90*37';
  const list = collect('k', { num_digits: keys.length, timeout: 8_000 }, say('Your number please.'));
  const user = await CallbackServer.open(t, [actions(list), actions(hangUp), { status: 200 }]);
  const phone = await call(t, server, { to: await newNumber(server, { url: user.url }), sendMedia: false });
  const proxy = await ImpairmentProxy.open(t, {
    toTarget: { seed: 11, lossPercent: 15, duplicatePercent: 20, reorderPercent: 20, jitterMs: 50 },
    toClient: { seed: 12, lossPercent: 5, jitterMs: 30 },
  });
  const [ip = '', port = ''] = (await phone.sipp.event('media', 30_000)).words;
  proxy.aim(ip, Number(port));
  phone.media.start('127.0.0.1', proxy.port);
  await phone.media.waitForSpeech();
  await phone.media.pressAll(keys);
  await phone.sipp.succeeded();
  equal(fieldsOf(await user.first('live_call')).key_presses, [{ name: 'k', digits: keys }], 'key_presses');
  const { lost, duplicated, swapped } = proxy.counts.toTarget;
  ok(lost > 10 && duplicated > 10 && swapped > 10, `the network was bad (${lost}, ${duplicated}, ${swapped})`);
});
