import { expect, test } from 'vitest';
import { PCMU } from '../codec/g711-codec.ts';
import { synthesizeTone } from '../dsp/tone.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import { MediaWorker } from './media-worker.ts';
import type { PacketHandler, PacketSocket } from './packet-socket.ts';
import type { WorkerEvent } from './protocol.ts';

const AGREEMENT: MediaAgreement = {
  remote: { address: '192.0.2.1', port: 4000 },
  codec: 'PCMU',
  payloadType: 0,
  encoder: null,
  eventPayloadType: 101,
  eventClockRateHz: 8000,
  receive: [{ payloadType: 0, role: 'PCMU' }],
  packetMs: 20,
  maySend: true,
  mayReceive: true,
  rtcp: { mux: false, remote: null },
};

class DeafSocket implements PacketSocket {
  readonly port = 10;
  onPacket: PacketHandler | null = null;
  aim(): void {}
  unaim(): void {}
  send(): void {}
  close(): void {}
}

/** One session that plays a tone for ever; time passes by hand. */
function make() {
  let nowMs = 0;
  let timer: (() => void) | null = null;
  const socket = new DeafSocket();
  const events: WorkerEvent[] = [];
  const worker = new MediaWorker({
    settings: {
      host: '127.0.0.1',
      rtpTimeoutMs: 0,
      rtcpIntervalMs: 0,
      latchTimes: { learningMs: 1000, silenceMs: 2000 },
      promptCacheBytes: 1_000_000,
      maxCatchUpMs: 200,
      iceConsentMs: 30_000,
      utteranceBytes: 1 << 20,
      packetIo: 'dgram',
    },
    bind: (_host, _port, bound) => bound(socket, ''),
    time: {
      now: () => nowMs,
      after(_delayMs, callback) {
        timer = callback;
        return () => {
          timer = null;
        };
      },
    },
    post: (event) => events.push(event),
  });
  worker.handle({ type: 'bind', port: 10 });
  const samples = synthesizeTone([{ frequencyHz: 500, levelDbm0: -12 }], { durationMs: 60_000 });
  worker.handle({ type: 'loadPrompt', promptId: 'tone', samples });
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  worker.handle({ type: 'configure', sessionId: 1, agreement: AGREEMENT });
  worker.handle({ type: 'startSession', sessionId: 1 });
  worker.handle({ type: 'play', sessionId: 1, playbackId: 'p', promptId: 'tone', offsetMs: 0 });
  let sequence = 0;
  /** `heard`: what the far side sends meanwhile. */
  const pass = (ms: number, heard: Int16Array | null) => {
    for (let i = 0; i < ms; i += 5) {
      nowMs += 5;
      timer?.();
      if (heard === null || nowMs % 20 !== 0) continue;
      const packet = new Uint8Array(RTP_HEADER_BYTES + 160);
      writeRtpHeader(packet, false, 0, ++sequence, sequence * 160, 7);
      PCMU.createEncoder().encode(heard, 0, 160, packet, RTP_HEADER_BYTES);
      socket.onPacket?.(packet, '192.0.2.1', 4000);
    }
  };
  const changes = () =>
    events.flatMap((event) => (event.type === 'sessionEvent' && event.name === 'health' ? [event.event] : []));
  const close = () => {
    worker.handle({ type: 'closeSession', sessionId: 1 });
    const last = events.at(-1);
    return last?.type === 'sessionClosed' ? last.stats.health : null;
  };
  return { worker, pass, changes, close };
}

const TONE = synthesizeTone([{ frequencyHz: 900, levelDbm0: -12 }], { durationMs: 20 });

test('a session tells that nothing comes while it sends sound, and how its call was', () => {
  const { pass, changes, close } = make();
  pass(8000, null);
  expect(changes()).toEqual([{ issue: 'nothing_received', raised: true }]);
  pass(8000, TONE);
  expect(changes().slice(1)).toEqual([{ issue: 'nothing_received', raised: false }]);
  const health = close();
  expect(health).toMatchObject({
    silenceRatioIn: 0,
    silenceRatioOut: 0,
    clippingRatioIn: 0,
    issues: ['nothing_received'],
  });
  expect(health?.firstPacketOutMs).toBeLessThanOrEqual(20);
  expect(health?.firstPacketInMs).toBeGreaterThan(7900);
  expect(health?.firstPacketInMs).toBeLessThan(8040);
});

test('on hold nobody is missed', () => {
  const { worker, pass, changes } = make();
  worker.handle({ type: 'configure', sessionId: 1, agreement: { ...AGREEMENT, mayReceive: false } });
  pass(20_000, null);
  expect(changes()).toEqual([]);
});
