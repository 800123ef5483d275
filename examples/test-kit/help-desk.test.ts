// Tests of a flow with a world around it: agents of a queue, a web server, recordings, a message, commands of the REST API.
import { readFileSync } from 'node:fs';
import { type AnswerHttp, lintDocument, type SimulationScript, simulate } from '@voxology/callflow';
import { expect, test } from 'vitest';

const flow = readFileSync(new URL('help-desk.yaml', import.meta.url), 'utf8');
const ANN = '+13105550142';

/** The web server that the flow asks who calls. */
const http: AnswerHttp = ({ url }) => ({ body: { name: url.endsWith(ANN) ? 'Ann' : 'stranger' } });

const called = (script: SimulationScript = {}) => simulate(flow, { callerNo: ANN, http, ...script });

test('the linter has nothing to say', () => {
  expect(lintDocument(flow)).toEqual([]);
});

test('the agent who presses one gets the caller, by name', async () => {
  const agents = [
    { no: 'alice', outcome: 'busy' as const },
    { no: 'bob', presses: ['1'], talkMs: 30_000 },
  ];
  const call = await called({ agents, queues: [{ ahead: 0 }] });
  call.hears('Hello Ann').does('bob hears "A call from Ann.', 'bob presses 1', 'connected with bob');
  call.does(`message to ${ANN}: Thank you for calling, Ann.`).ends({ by: 'api' });
});

test('agents who do not press anything do not get the call: the caller leaves a message', async () => {
  const call = await called({ recordings: [{ name: 'whole' }, { name: 'message', speaksMs: 4_000 }] });
  call.does('alice did not take the call', 'bob did not take the call', 'nobody connected in time');
  call.hearsLater('Nobody is free').does('recorded 6000 ms, ended by silence').hears('We call you back').ends();
});

test('the finish key ends the message', async () => {
  const call = await called({ agents: [{ outcome: 'no-answer' }] });
  call.hearsLater('Nobody is free').waits(3_000).presses('#').hears('We call you back');
  call.does(/^recorded \d+ ms, ended by stop$/).ends({ by: 'api' });
});

test('the whole call is recorded', async () => {
  const call = await called();
  call.hears('Hello').hangsUp().does('whole: recorded to the end of the call');
});

test('commands of the REST API break into the waiting', async () => {
  const call = await called({ queues: [{ connectsMs: null }] });
  call.hears('Hello Ann', /music/).receives({ actions: [{ type: 'SAY', params: { text: 'We close now.' } }] });
  call.hearsLater('We close now.').receives({ hangUp: 'closing time' }).ends({ by: 'api' });
});

test('the web server is down', async () => {
  const call = await called({
    http: () => {
      throw new Error('connection refused');
    },
  });
  call.does('connection refused').hears('Hello .');
});
