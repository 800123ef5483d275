import { randomInt } from 'node:crypto';
import type { CallInfo, Effect } from '@voxology/callflow';
import type { Egress, EgressSocket } from '@voxology/egress';
import type { CallLog } from '../call/call-log.ts';
import type { PostInput } from '../call/input.ts';
import type { StreamFacts, StreamProtocol, StreamRequest } from './stream-protocol.ts';
import { TwilioProtocol } from './twilio-protocol.ts';
import { VoxologyProtocol } from './voxology-protocol.ts';

type StartStream = Extract<Effect, { type: 'start_stream' }>;

/** The media side of a stream, as the media session gives it. */
export interface StreamMedia {
  /** Base64. What is more than may wait to be heard is left out. */
  write(payload: string): void;
  mark(name: string): void;
  clear(): void;
  stop(): void;
}

/** Where the sound of a call is to be had. */
export interface StreamSource {
  startStream(options: {
    tracks: StartStream['tracks'];
    bidirectional: boolean;
    codec: StartStream['codec'];
    sampleRateHz: StartStream['sampleRateHz'];
    /** `payload` is base64. */
    onMedia(track: 'far' | 'near', payload: string, timeMs: number): void;
    onMark(name: string): void;
  }): StreamMedia;
}

export interface CallStreamsOptions {
  egress: Pick<Egress, 'openSocket'>;
  call: CallInfo;
  log: CallLog;
  post: PostInput;
  nowMs(): number;
}

/** A fork that breaks is opened again so often in a row, after 0.5 s, 1 s, 2 s. */
const RECONNECTS = 3;
const FIRST_PAUSE_MS = 500;
/** A connection that held for so long breaks for another reason than the one before: the count begins anew. */
const HELD_MS = 10_000;
/** Marks and sound a far end may send in one message: a second of the densest format is 64 kB of base64. */
const MAX_MESSAGE_BYTES = 1_048_576;
/** Marks wait until the sound before them is heard; a longer name is cut. */
const MAX_MARK_CHARACTERS = 200;
/** What a slow far end may lag behind: some ten seconds. */
const MAX_BUFFERED_BYTES = 262_144;

interface Stream {
  urlHost: string;
  facts: StreamFacts;
  protocol: StreamProtocol;
  socket: EgressSocket | null;
  media: StreamMedia | null;
  /** Whether the flow was told that it started. */
  started: boolean;
  stopped: boolean;
  /** In a row, none of which held. */
  reconnects: number;
  openedAtMs: number;
  allReconnects: number;
  pause: NodeJS.Timeout | undefined;
  bytesSent: number;
  bytesReceived: number;
  droppedMessages: number;
  strangeMessages: number;
}

/** How a stream does. Bytes are those of the sound, before they are written as text. */
export interface StreamFigures {
  name: string | null;
  /** Of the far end; not the whole address, which may hold keys. */
  urlHost: string;
  /** `connecting`: it has not been open yet. */
  status: 'connecting' | 'open' | 'reconnecting';
  bytesSent: number;
  bytesReceived: number;
  /** Messages to a far end that was too slow, and messages of it that are none of the protocol. */
  droppedMessages: number;
  strangeMessages: number;
  reconnects: number;
}

/** The streams of one call: its sound to WebSockets of the user's, and back. */
export class CallStreams {
  readonly #options: CallStreamsOptions;
  readonly #streams = new Map<string, Stream>();

  constructor(options: CallStreamsOptions) {
    this.#options = options;
  }

  start(source: StreamSource, effect: StartStream): void {
    const { streamId, name, tracks, bidirectional, codec, sampleRateHz, streamData } = effect;
    const { call } = this.#options;
    const facts = {
      call,
      streamId: `${call.callId}-${streamId}`,
      name,
      tracks,
      bidirectional,
      codec,
      sampleRateHz,
      streamData,
    };
    const stream: Stream = {
      urlHost: URL.parse(effect.url)?.host ?? '',
      facts,
      protocol: protocolOf(effect, facts),
      socket: null,
      media: null,
      started: false,
      stopped: false,
      reconnects: 0,
      openedAtMs: 0,
      allReconnects: 0,
      pause: undefined,
      bytesSent: 0,
      bytesReceived: 0,
      droppedMessages: 0,
      strangeMessages: 0,
    };
    this.#streams.set(streamId, stream);
    this.#open(source, effect, stream);
  }

  /** `stream_ended` follows. */
  stop(streamId: string): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#putAway(stream);
    this.#post(streamId, { type: 'stream_ended', streamId, by: 'stop' });
  }

  digit(digit: string): void {
    for (const { protocol, socket, started } of this.#streams.values()) {
      const message = started ? protocol.digit(digit) : null;
      if (message !== null) socket?.send(message);
    }
  }

  /** Those that are up. */
  figures(): StreamFigures[] {
    return [...this.#streams.values()].map((stream) => ({
      name: stream.facts.name,
      urlHost: stream.urlHost,
      status: stream.media !== null ? 'open' : stream.started ? 'reconnecting' : 'connecting',
      bytesSent: stream.bytesSent,
      bytesReceived: stream.bytesReceived,
      droppedMessages: stream.droppedMessages,
      strangeMessages: stream.strangeMessages,
      reconnects: stream.allReconnects,
    }));
  }

  /** The call is over: nothing is told to the flow any more. */
  close(): void {
    for (const stream of this.#streams.values()) this.#putAway(stream);
    this.#streams.clear();
  }

  #open(source: StreamSource, effect: StartStream, stream: Stream): void {
    const socket = this.#options.egress.openSocket({
      url: effect.url,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      onOpen: () => this.#opened(source, effect, stream),
      onText: (text) => this.#take(stream, text),
      onBytes: () => {
        stream.strangeMessages += 1;
      },
      onClosed: (error) => this.#closed(source, effect, stream, error),
    });
    stream.socket = socket;
  }

  #opened(source: StreamSource, effect: StartStream, stream: Stream): void {
    if (stream.stopped) return;
    stream.openedAtMs = this.#options.nowMs();
    for (const message of stream.protocol.opened()) stream.socket?.send(message);
    const { tracks, bidirectional, codec, sampleRateHz } = effect;
    stream.media = source.startStream({
      tracks,
      bidirectional,
      codec,
      sampleRateHz,
      onMedia: (track, payload, timeMs) => {
        if (stream.socket?.send(stream.protocol.media(track, payload, timeMs)) === false) stream.droppedMessages += 1;
        else stream.bytesSent += Buffer.byteLength(payload, 'base64');
      },
      onMark: (name) => stream.socket?.send(stream.protocol.mark(name)),
    });
    if (stream.started) return;
    stream.started = true;
    this.#options.post({ type: 'stream_started', streamId: effect.streamId });
  }

  #take(stream: Stream, text: string): void {
    if (stream.stopped) return;
    const request = stream.facts.bidirectional ? stream.protocol.read(text) : null;
    if (request === null) stream.strangeMessages += 1;
    else stream.bytesReceived += carryOut(stream.media, request);
  }

  #closed(source: StreamSource, effect: StartStream, stream: Stream, error: Error | null): void {
    if (stream.stopped) return;
    if (stream.media !== null && this.#options.nowMs() - stream.openedAtMs >= HELD_MS) stream.reconnects = 0;
    stream.media?.stop();
    stream.media = null;
    const { bidirectional } = stream.facts;
    if (error !== null && stream.started && !bidirectional && stream.reconnects < RECONNECTS) {
      const pauseMs = FIRST_PAUSE_MS * 2 ** stream.reconnects;
      stream.reconnects += 1;
      stream.allReconnects += 1;
      this.#note(stream, 'stream_reconnects', { reason: error.message, pause_ms: pauseMs });
      stream.protocol = protocolOf(effect, stream.facts);
      stream.pause = setTimeout(() => this.#open(source, effect, stream), pauseMs);
      return;
    }
    this.#putAway(stream);
    if (error === null && stream.started)
      this.#post(effect.streamId, { type: 'stream_ended', streamId: effect.streamId, by: 'far_end' });
    else {
      const reason = error?.message ?? 'the far end closed the WebSocket before it was open';
      this.#post(effect.streamId, { type: 'stream_failed', streamId: effect.streamId, reason });
    }
  }

  #putAway(stream: Stream): void {
    if (stream.stopped) return;
    stream.stopped = true;
    clearTimeout(stream.pause);
    stream.media?.stop();
    stream.media = null;
    if (stream.started) stream.socket?.send(stream.protocol.ended());
    stream.socket?.close();
    const { droppedMessages, strangeMessages } = stream;
    if (droppedMessages + strangeMessages > 0) {
      const figures = { dropped_messages: droppedMessages, strange_messages: strangeMessages };
      this.#note(stream, 'stream_losses', figures);
    }
  }

  #post(streamId: string, input: Parameters<PostInput>[0]): void {
    this.#streams.delete(streamId);
    this.#options.post(input);
  }

  #note({ facts: { streamId } }: Stream, type: string, fields: Record<string, string | number>): void {
    this.#options.log.note('media', type, { stream_id: streamId, ...fields }, this.#options.nowMs());
  }
}

/** Gives the bytes of sound that came with it. */
function carryOut(media: StreamMedia | null, request: StreamRequest): number {
  switch (request.type) {
    case 'media':
      // Read where it is played: a text goes to another thread at less cost than bytes.
      media?.write(request.payload);
      return Buffer.byteLength(request.payload, 'base64');
    case 'mark':
      media?.mark(request.name.slice(0, MAX_MARK_CHARACTERS));
      return 0;
    case 'clear':
      media?.clear();
      return 0;
  }
}

function protocolOf(effect: StartStream, facts: StreamFacts): StreamProtocol {
  return effect.protocol === 'twilio' ? new TwilioProtocol(facts) : new VoxologyProtocol(facts, randomInt(1, 2 ** 31));
}
