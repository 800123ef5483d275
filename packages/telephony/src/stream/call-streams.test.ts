import type { CallInfo, Effect } from '@voxology/callflow';
import { EgressError, type EgressSocket, type SocketRequest } from '@voxology/egress';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';
import { CallStreams, type StreamSource } from './call-streams.ts';

const PLACE = { city: '', region: '', country: '', timezone: '' };
const call: CallInfo = {
  callId: '1@2',
  appId: 'app',
  subaccountId: '0',
  direction: 'inbound',
  callerNo: '+12125550101',
  callerPlace: PLACE,
  apiNo: '+14155550100',
  apiPlace: PLACE,
  startTimeMs: 0,
  customData: null,
  sipDomain: 'd',
  sipForwardedFor: '',
};

interface FakeSocket {
  request: SocketRequest;
  sent: Record<string, unknown>[];
  slow: boolean;
  closed: boolean;
}

type Options = Parameters<StreamSource['startStream']>[0];

let sockets: FakeSocket[];
let posted: CallInput[];
let noted: string[];
let played: string[];
let forks: (Options & { stopped: boolean })[];
let streams: CallStreams;

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, posted, noted, played, forks] = [[], [], [], [], []];
  streams = new CallStreams({
    egress: {
      openSocket: (request) => {
        const socket: FakeSocket = { request, sent: [], slow: false, closed: false };
        sockets.push(socket);
        return {
          send: (text: string) => {
            if (!socket.slow) socket.sent.push(JSON.parse(text) as Record<string, unknown>);
            return !socket.slow;
          },
          close: () => {
            socket.closed = true;
          },
        } as EgressSocket;
      },
    },
    call,
    log: new CallLog('1@2', {
      append: (_id, events) => {
        noted.push(...events.map(({ type, data }) => `${type} ${JSON.stringify(data)}`));
        return true;
      },
    }),
    post: (input) => posted.push(input),
    nowMs: () => Date.now(),
  });
});
afterEach(() => void vi.useRealTimers());

const source: StreamSource = {
  startStream: (options) => {
    const fork = { ...options, stopped: false };
    forks.push(fork);
    return {
      write: (payload) => played.push(Buffer.from(payload, 'base64').toString()),
      mark: (name) => played.push(`mark ${name}`),
      clear: () => played.push('clear'),
      stop: () => {
        fork.stopped = true;
      },
    };
  },
};

function start(change: Partial<Extract<Effect, { type: 'start_stream' }>> = {}): FakeSocket {
  streams.start(source, {
    type: 'start_stream',
    streamId: 's1',
    name: 'helper',
    url: 'wss://x.example/',
    tracks: ['far', 'near'],
    bidirectional: false,
    protocol: 'voxology',
    codec: 'mulaw',
    sampleRateHz: 8000,
    streamData: { who: 'Ann', n: 1 },
    ...change,
  });
  return last();
}

function last(): FakeSocket {
  return sockets.at(-1) as FakeSocket;
}

const sound = Buffer.from('sound').toString('base64');

test('a fork in our own messages', () => {
  const socket = start();
  expect(posted).toEqual([]);
  socket.request.onOpen();
  expect(posted).toEqual([{ type: 'stream_started', streamId: 's1' }]);
  forks[0]?.onMedia('far', sound, 0);
  forks[0]?.onMedia('near', sound, 0);
  forks[0]?.onMedia('far', sound, 20);
  streams.digit('5');
  socket.request.onText('{"type":"play_media","media":"c291bmQ="}');
  streams.stop('s1');
  const id = socket.sent[0]?.stream_id;
  const common = { stream_id: id, call_id: '1@2' };
  expect(socket.sent).toEqual([
    {
      ...common,
      type: 'start_stream',
      stream_sequence_number: 1,
      stream_name: 'helper',
      api_no: call.apiNo,
      caller_no: call.callerNo,
      direction: 'inbound',
      app_id: 'app',
      tracks: ['far', 'near'],
      bidirectional: false,
      media_format: { codec: 'mulaw', sample_rate: 8000, channels: 1 },
      stream_data: { who: 'Ann', n: 1 },
    },
    {
      ...common,
      type: 'live_track',
      stream_sequence_number: 2,
      track_sequence_number: 1,
      media: 'c291bmQ=',
      name: 'far',
    },
    {
      ...common,
      type: 'live_track',
      stream_sequence_number: 3,
      track_sequence_number: 1,
      media: 'c291bmQ=',
      name: 'near',
    },
    {
      ...common,
      type: 'live_track',
      stream_sequence_number: 4,
      track_sequence_number: 2,
      media: 'c291bmQ=',
      name: 'far',
    },
    { ...common, type: 'digit', stream_sequence_number: 5, digit: '5' },
    { ...common, type: 'end_stream', stream_sequence_number: 6 },
  ]);
  expect([Number.isInteger(id), played, forks[0]?.stopped, socket.closed]).toEqual([true, [], true, true]);
  expect(posted.at(-1)).toEqual({ type: 'stream_ended', streamId: 's1', by: 'stop' });
  expect(noted).toEqual(['stream_losses {"stream_id":"1@2-s1","dropped_messages":0,"strange_messages":1}']);
});

test('a conversation in the messages of Twilio Media Streams', () => {
  const socket = start({ protocol: 'twilio', bidirectional: true, tracks: ['far'] });
  socket.request.onOpen();
  forks[0]?.onMedia('far', sound, 40.4);
  streams.digit('#');
  forks[0]?.onMark('end of turn');
  for (const text of [
    '{"event":"media","streamSid":"x","media":{"payload":"aGVsbG8="}}',
    '{"event":"mark","streamSid":"x","mark":{"name":"m"}}',
    `{"event":"mark","streamSid":"x","mark":{"name":"${'n'.repeat(300)}"}}`,
    '{"event":"clear","streamSid":"x"}',
    'nonsense',
    '{"event":"media","media":null}',
    'null',
  ]) {
    socket.request.onText(text);
  }
  socket.request.onBytes?.();
  expect(streams.figures()[0]?.strangeMessages).toBe(4);
  socket.request.onClosed(null);
  const streamSid = '1@2-s1';
  expect(socket.sent).toEqual([
    { event: 'connected', protocol: 'Call', version: '1.0.0' },
    {
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid: 'app',
        streamSid,
        callSid: '1@2',
        tracks: ['inbound'],
        customParameters: { who: 'Ann', n: '1' },
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      },
      streamSid,
    },
    {
      event: 'media',
      sequenceNumber: '2',
      media: { track: 'inbound', chunk: '1', timestamp: '40', payload: 'c291bmQ=' },
      streamSid,
    },
    { event: 'dtmf', sequenceNumber: '3', dtmf: { track: 'inbound_track', digit: '#' }, streamSid },
    { event: 'mark', sequenceNumber: '4', mark: { name: 'end of turn' }, streamSid },
    { event: 'stop', sequenceNumber: '5', stop: { accountSid: 'app', callSid: '1@2' }, streamSid },
  ]);
  expect(played).toEqual(['hello', 'mark m', `mark ${'n'.repeat(200)}`, 'clear']);
  expect(posted.at(-1)).toEqual({ type: 'stream_ended', streamId: 's1', by: 'far_end' });
});

test('a fork that breaks is opened again with growing pauses, and given up', () => {
  start().request.onOpen();
  const lost = new EgressError('connection-lost', 'it broke');
  for (const pauseMs of [500, 1000, 2000]) {
    forks.at(-1)?.onMedia('far', sound, 0);
    last().request.onClosed(lost);
    vi.advanceTimersByTime(pauseMs - 1);
    const before = sockets.length;
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(before + 1);
    last().request.onOpen();
  }
  expect(last().sent[0]).toMatchObject({ type: 'start_stream', stream_sequence_number: 1 });
  last().request.onClosed(lost);
  expect(posted).toEqual([
    { type: 'stream_started', streamId: 's1' },
    { type: 'stream_failed', streamId: 's1', reason: 'it broke' },
  ]);
  expect(forks.every(({ stopped }) => stopped)).toBe(true);
});

test('a fork that held for ten seconds is opened again as if for the first time', () => {
  start();
  const lost = new EgressError('connection-lost', 'it broke');
  for (let i = 0; i < 5; i++) {
    last().request.onOpen();
    vi.advanceTimersByTime(10_000);
    last().request.onClosed(lost);
    vi.advanceTimersByTime(500);
    expect(sockets.length).toBe(i + 2);
  }
  expect(posted).toEqual([{ type: 'stream_started', streamId: 's1' }]);
});

test('what cannot be opened fails at once, as does a conversation that breaks', () => {
  start().request.onClosed(new EgressError('connect-refused', 'nobody there'));
  const socket = start({ streamId: 's2', bidirectional: true });
  socket.request.onOpen();
  socket.request.onClosed(new EgressError('connection-lost', 'it broke'));
  expect(posted.filter(({ type }) => type === 'stream_failed')).toEqual([
    { type: 'stream_failed', streamId: 's1', reason: 'nobody there' },
    { type: 'stream_failed', streamId: 's2', reason: 'it broke' },
  ]);
  expect(sockets.length).toBe(2);
});

test('a far end that does not read loses sound, which is noted; after the end of the call nothing is told', () => {
  const socket = start();
  socket.request.onOpen();
  socket.slow = true;
  forks[0]?.onMedia('far', sound, 0);
  streams.close();
  socket.request.onClosed(null);
  expect(noted).toEqual(['stream_losses {"stream_id":"1@2-s1","dropped_messages":1,"strange_messages":0}']);
  expect(posted).toEqual([{ type: 'stream_started', streamId: 's1' }]);
});

test('tells how each stream that is up does', () => {
  const name = 'helper';
  const urlHost = 'x.example';
  const none = { bytesSent: 0, bytesReceived: 0, droppedMessages: 0, strangeMessages: 0, reconnects: 0 };
  const socket = start({ protocol: 'twilio', bidirectional: true });
  expect(streams.figures()).toEqual([{ name, urlHost, status: 'connecting', ...none }]);
  socket.request.onOpen();
  forks[0]?.onMedia('far', sound, 0);
  socket.request.onText('{"event":"media","media":{"payload":"aGVsbG8h"}}');
  socket.request.onText('nonsense');
  socket.slow = true;
  forks[0]?.onMedia('far', sound, 20);
  const figures = { bytesSent: 5, bytesReceived: 6, droppedMessages: 1, strangeMessages: 1, reconnects: 0 };
  expect(streams.figures()).toEqual([{ name, urlHost, status: 'open', ...figures }]);
  streams.stop('s1');
  start({ streamId: 's2', url: 'wss://key:secret@y.example:8443/?token=1' });
  last().request.onOpen();
  last().request.onClosed(new EgressError('connection-lost', 'it broke'));
  expect(streams.figures()).toEqual([
    { name, urlHost: 'y.example:8443', status: 'reconnecting', ...none, reconnects: 1 },
  ]);
});
