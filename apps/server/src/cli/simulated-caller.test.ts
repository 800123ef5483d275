import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FLOWS, file, run } from './commands-under-test.ts';
import { simulateCommand } from './simulate.ts';

describe('simulate --interactive', () => {
  const call = (...lines: string[]) =>
    run(simulateCommand(Readable.from([`${lines.join('\n')}\n`])), join(FLOWS, 'conditional.json'), '--interactive');

  test('sees what is said before the keys are asked for, and presses them', async () => {
    const { out, code } = await call('what?', '1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /hears +"Hello world\..*\nkeys\?\nType keys .*\nkeys\?\n.*presses +1\n.*\n.*\n.*hears +"You pressed 1\..*ended/s,
    );
  });

  test('an empty line lets time pass, h hangs up, the end of the input presses nothing', async () => {
    expect((await call('')).out).toMatch(/keys\?\n.*no digits, ended by timeout.*You did not press 1/s);
    expect((await call('H')).out).toMatch(/keys\?\n.*hangs up +the caller\n/);
    const silent = await run(simulateCommand(Readable.from([])), join(FLOWS, 'conditional.json'), '--interactive');
    expect(silent.out).toMatch(/no digits, ended by timeout/);
  });

  test('says words where they are taken', async () => {
    const ask = (input: string[]) => ({ type: 'COLLECT', params: { input, num_digits: 1 } });
    const flow = file('words.json', { actions: [ask(['speech']), ask(['digits', 'speech']), { type: 'HANGUP' }] });
    const { out } = await run(simulateCommand(Readable.from(['say Yes\nsay no\n'])), flow, '--interactive');
    expect(out).toMatch(/\nwords\?\n.*says +"Yes"\n.*speech "yes", .*\nkeys or words\?\n.*says +"no"\n/s);
  });

  test('it is asked while music goes on, and not together with --json', async () => {
    const music = { type: 'PLAY', params: { url: 'https://example.com/a.wav', loop: 0 } };
    const flow = file('music.json', {
      actions: [{ type: 'COLLECT', params: { num_digits: 1 }, actions: [music] }, { type: 'HANGUP' }],
    });
    const { out } = await run(simulateCommand(Readable.from(['7\n'])), flow, '--interactive');
    expect(out).toMatch(/keys\?\n +\d\d\.\d\d s +presses +7\n/);
    expect(await run(simulateCommand(Readable.from([])), flow, '--interactive', '--json')).toMatchObject({ code: 2 });
  });
});

describe('simulate: a call that would not end by itself', () => {
  const queue = { actions: [{ type: 'QUEUE', params: { name: 'a' } }, { type: 'HANGUP' }] };

  test('is left by the caller, and the switches that end it are told', async () => {
    const { out, err, code } = await run(simulateCommand(), file('queue.json', queue), '--queue', 'connects=never');
    expect(out).toMatch(/ 0\.15 s +hangs up +the caller: only the longest time of the call would end this; say when/);
    expect(err).toContain('write --hangup-after 30s or --queue connects=10s.');
    expect(code).toBe(0);
    const given = ['--queue', 'connects=never', '--hangup-after', '120m'];
    const ended = await run(simulateCommand(), file('queue.json', queue), ...given);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toMatch(/7200\.00 s +hangs up +the caller\n/);
  });

  test('by a person who is asked for nothing, too', async () => {
    const path = file('queue.json', queue);
    const never = ['--interactive', '--queue', 'connects=never'];
    const { out } = await run(simulateCommand(Readable.from(['1\n'])), path, ...never);
    expect(out).toContain('only the longest time of the call would end this');
  });
});

describe('simulate: the world beyond the caller', () => {
  const simulated = async (actions: object[], ...args: string[]) => {
    const { out } = await run(
      simulateCommand(),
      file('flow.json', { actions: [...actions, { type: 'HANGUP' }] }),
      ...args,
    );
    return out;
  };
  const transfer = (no: string) => ({ type: 'TRANSFER', params: { no } });

  test('transfers, the first that fits counts', async () => {
    const out = await simulated(
      [transfer('+12125550111'), transfer('+12125550112')],
      ...['--transfer', 'busy,no=+12125550111', '--transfer', 'after=3s,talk=1m'],
    );
    expect(out).toMatch(/not answered: busy .*actions\[0\]/);
    expect(out).toMatch(/ 6\d\.\d\d s .*ended +completed/);
  });

  test('callees of a transfer that are asked first', async () => {
    const confirm = [{ type: 'COLLECT', params: { num_digits: 1 } }];
    const asking = [{ type: 'TRANSFER', params: { no: ['+12125550111', '+12125550112'], confirm_key: '1' }, confirm }];
    expect(await simulated(asking, '--callee-press', '1')).toMatch(/\+12125550111 takes the call/);
    expect(await simulated(asking, '--callee-declines')).toMatch(/not answered: no-answer/);
    const one = await simulated(asking, '--callee-press', '2', '--transfer', 'no=+12125550112,press=1');
    expect(one).toMatch(/\+12125550112 is connected/);
  });

  test('agents of a queue that are asked first, by keys and by words', async () => {
    const confirm = [{ type: 'COLLECT', params: { num_digits: 1, input: ['digits', 'speech'], timeout: 3000 } }];
    const params = { name: 'a', agents: ['alice', 'bob'], confirm_key: '1', confirm_speech: 'yes', max_wait: 60_000 };
    const asking = [{ type: 'QUEUE', params, confirm }];
    expect(await simulated(asking, '--callee-press', '1')).toContain('alice takes the call');
    expect(await simulated(asking, '--callee-says', 'Yes!')).toContain('alice says "Yes!"');
    const one = await simulated(asking, '--agent', 'no=alice,say=no', '--agent', 'no=bob,press=1');
    expect(one).toContain('alice did not take the call: it said "no"');
    expect(one).toContain('connected with bob');
    expect(await simulated(asking, '--callee-declines')).toContain('nobody connected in time');
  });

  test('conferences, queues, recordings, streams', async () => {
    const conference = { type: 'CONFERENCE', params: { name: 'a' } };
    expect(await simulated([conference], '--conference', 'ends=20s,kicked')).toMatch(/ 20\.\d\d s .*ended/);
    const queue = { type: 'QUEUE', params: { name: 'a' } };
    expect(await simulated([queue], '--queue', 'ahead=0,connects=1s,talk=1s')).toMatch(/ 2\.\d\d s .*ended/);
    const record = { type: 'RECORD', params: { timeout: 1000 } };
    expect(await simulated([record], '--recording', 'failure=disk full')).toContain('disk full');
    const stream = { type: 'STREAM', params: { url: 'wss://example.com/', bidirectional: true } };
    expect(await simulated([stream], '--stream', 'failure=refused')).toContain('refused');
  });

  test('who answers, web servers, messages', async () => {
    const detect = { type: 'DETECT', events: { on_fax: [{ type: 'SAY', params: { text: 'A fax.' } }] } };
    expect(await simulated([detect], '--party', 'fax,after=1s')).toContain('"A fax."');
    const http = { type: 'HTTP', params: { url: 'https://example.com/', result: 'got' } };
    const say = { type: 'SAY', params: { text: 'Hello {{$got.name}}.' } };
    expect(await simulated([http, say], '--http', '200={"name":"Ann"}')).toContain('"Hello Ann."');
    const sms = { type: 'SMS', params: { no: '+12125550111', message: 'x' } };
    expect(
      await simulated([sms, { type: 'WAIT', params: { time: 1000 } }], '--message-error', 'no provider'),
    ).toContain('no provider');
  });

  test('speech: the message of a RECORD lasts as long as it takes to say', async () => {
    const flow = file('flow.json', { actions: [{ type: 'RECORD', params: { timeout: 1000 } }, { type: 'HANGUP' }] });
    const { err, out } = await run(simulateCommand(), flow, '--speech', 'x'.repeat(100));
    expect(err).toBe('');
    expect(out).toMatch(/ 8\.\d\d s .*ended/);
  });

  test('keys and words, in the order of the switches', async () => {
    const ask = (name: string) => ({ type: 'COLLECT', name, params: { input: ['digits', 'speech'], num_digits: 1 } });
    const three = [ask('a'), ask('b'), ask('c')];
    const out = await simulated(three, '--press', '1', '--speech', 'yes', '--press', '3');
    expect(out.match(/collected .*/g)).toEqual([
      expect.stringContaining('a: digits 1,'),
      expect.stringContaining('b: speech "yes",'),
      expect.stringContaining('c: digits 3,'),
    ]);
    expect(await simulated([ask('a')], '--speech', 'yes', '--speech-error', 'no model')).toMatch(
      /ERROR +cannot hear the caller: no model.*the caller had "yes" to say, but nothing listened/s,
    );
  });

  test('what is wrong in a switch', async () => {
    const flow = join(FLOWS, 'hello-world.json');
    expect((await run(simulateCommand(), flow, '--transfer', 'bussy')).err).toContain(
      'answer, busy, no-answer, failed',
    );
    expect((await run(simulateCommand(), flow, '--queue', 'behind=1')).err).toContain('There is no "behind"');
    expect((await run(simulateCommand(), flow, '--conference', 'ends=soon')).err).toContain('5s, 800ms or 2m');
    expect((await run(simulateCommand(), flow, '--http', 'OK')).err).toContain('a status such as 404');
  });
});
