import { expect, test } from 'vitest';
import { file, run } from './commands-under-test.ts';
import { simulateCommand } from './simulate.ts';

test('switches about actions that the flow has not are told of, beside the transcript', async () => {
  const flow = file('flow.json', { actions: [{ type: 'TRANSFER', params: { no: 'anna' } }, { type: 'HANGUP' }] });
  const simulated = await run(
    simulateCommand(),
    flow,
    '--transfer',
    'busy',
    '--stream',
    'closes=1s',
    '--callee-press',
    '1',
  );
  expect(simulated.err).toBe('--stream is of no use here: the flow has no STREAM.\n');
  expect(simulated.out).toMatch(/not answered: busy/);
  expect(simulated.code).toBe(0);
  const hangUp = file('hang-up.json', { actions: [{ type: 'HANGUP' }] });
  expect((await run(simulateCommand(), hangUp, '--message-error', 'full', '--party', 'fax', '--json')).err).toBe(
    '--message-error is of no use here: the flow has no SMS.\n' +
      '--party is of no use here: the flow has no DETECT and no VOICEMAIL.\n',
  );
  const broken = file('broken.json', '{');
  expect((await run(simulateCommand(), broken, '--transfer', 'busy')).code).toBe(1);
});

test('a repeated switch that stands behind one for all is told of', async () => {
  const flow = file('chain.json', { actions: [{ type: 'TRANSFER', params: { no: 'anna' } }, { type: 'HANGUP' }] });
  const told = async (...hows: string[]) =>
    (await run(simulateCommand(), flow, ...hows.flatMap((how) => ['--transfer', how]))).err;
  expect(await told('no-answer', 'answer')).toBe(
    '--transfer without no= is for all, each time: what stands behind it never counts. Write no=… into those before the last.\n',
  );
  expect(await told('no-answer,no=anna', 'answer')).toBe('');
  expect(await told('busy')).toBe('');
});
