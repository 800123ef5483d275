import { beforeEach, expect, test } from 'vitest';
import { encodeMulaw } from '../codec/g711.ts';
import { synthesizeDtmf } from '../dsp/tone.ts';
import { writeRtpHeader } from '../rtp/packet.ts';
import { writeTelephoneEvent } from '../rtp/telephone-event.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import { FrameStage } from './frame-stage.ts';
import { Incoming } from './incoming.ts';

const AGREEMENT: MediaAgreement = {
  remote: { address: '192.0.2.1', port: 4000 },
  codec: 'PCMU',
  payloadType: 0,
  encoder: null,
  eventPayloadType: 101,
  eventClockRateHz: 8000,
  receive: [
    { payloadType: 0, role: 'PCMU' },
    { payloadType: 101, role: 'telephone-event' },
    { payloadType: 13, role: 'CN' },
  ],
  packetMs: 20,
  maySend: true,
  mayReceive: true,
  rtcp: { mux: false, remote: null },
};

const stage = new FrameStage({ start() {}, stop() {} }, (error) => {
  throw error;
});

let reported: string[];
let incoming: Incoming;

beforeEach(() => {
  reported = [];
  incoming = new Incoming({
    stage,
    report: (name, event) => reported.push(`${name} ${Object.values(event).join(' ')}`),
    latchTimes: { learningMs: 1000, silenceMs: 2000 },
    rtpTimeoutMs: 5000,
    capture: false,
  });
  incoming.configure(AGREEMENT, 0);
});

function rtp(sequence: number, timestamp: number, payload: Uint8Array, payloadType = 0): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  writeRtpHeader(bytes, false, payloadType, sequence, timestamp, 3);
  bytes.set(payload, 12);
  return bytes;
}

function receive(bytes: Uint8Array, nowMs = 0): void {
  incoming.accept(bytes, '192.0.2.1', 4000, nowMs);
}

const AUDIO = new Uint8Array(160).fill(0xff);

/** Packets of these tones; `without` leaves out silent ones, as silence suppression does. */
function tones(digits: string, without = false): Uint8Array[] {
  const samples = synthesizeDtmf(digits, { toneMs: 80, pauseMs: 80 });
  const packets: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += 160) {
    const payload = new Uint8Array(160);
    encodeMulaw(samples, at, payload, 0, 160);
    if (!without || payload.some((octet) => octet !== 0xff)) packets.push(rtp(at / 160, at, payload));
  }
  return packets;
}

test('tones are heard only where events were not agreed', () => {
  for (const bytes of tones('1')) receive(bytes);
  expect(reported).toEqual(['firstPacket 192.0.2.1 4000']);
  incoming.configure({ ...AGREEMENT, eventPayloadType: null }, 0);
  for (const [index, bytes] of tones('479').entries()) {
    bytes[3] = 100 + index;
    receive(bytes);
  }
  expect(reported.slice(1)).toEqual(['digit 4 0 inband', 'digit 7 0 inband', 'digit 9 0 inband']);
});

test('the same tone twice is two digits, also when the pause between was never sent or packets come twice', () => {
  incoming.configure({ ...AGREEMENT, eventPayloadType: null }, 0);
  for (const bytes of tones('55', true)) {
    receive(bytes);
    receive(bytes);
  }
  expect(reported.filter((line) => line.startsWith('digit'))).toEqual(['digit 5 0 inband', 'digit 5 0 inband']);
});

test('an event is a digit with what is known of its length', () => {
  const payload = new Uint8Array(4);
  writeTelephoneEvent(payload, 0, 11, false, 10, 320);
  receive(rtp(1, 500, payload, 101));
  receive(rtp(2, 500, payload, 101));
  expect(reported.slice(1)).toEqual(['digit # 40 rtp-event']);
});

test('captured sound comes in order, with silence in place of what was lost', () => {
  const heard: number[] = [];
  const captured = new Incoming({
    stage,
    report: (name, event) => {
      if (name === 'audio') heard.push(...(event as { samples: Int16Array }).samples);
    },
    latchTimes: { learningMs: 1000, silenceMs: 2000 },
    rtpTimeoutMs: 0,
    capture: true,
  });
  captured.configure(AGREEMENT, 0);
  const loud = new Uint8Array(2);
  encodeMulaw(Int16Array.of(8031, 8031), 0, loud, 0, 2);
  for (const [sequence, timestamp] of [
    [1, 100],
    [2, 102],
    [4, 106],
  ] as const) {
    captured.accept(rtp(sequence, timestamp, loud), '192.0.2.1', 4000, 0);
  }
  const [level] = heard;
  expect(level).toBeGreaterThan(7500);
  expect(heard).toEqual([level, level, level, level, 0, 0, level, level]);
});

test('comfort noise counts as life but is no sound', () => {
  incoming.configure({ ...AGREEMENT, eventPayloadType: null }, 0);
  receive(rtp(1, 0, Uint8Array.of(60), 13), 4000);
  incoming.tick(8000);
  expect(reported).toEqual(['firstPacket 192.0.2.1 4000']);
  expect(incoming.stats.packetsReceived).toBe(1);
});

test('silence is told once, again after a new packet, and never on hold', () => {
  incoming.tick(4999);
  incoming.tick(5000);
  incoming.tick(9000);
  expect(reported).toEqual(['rtpTimeout 5000']);
  receive(rtp(1, 0, AUDIO), 10_000);
  incoming.tick(15_100);
  expect(reported.at(-1)).toBe('rtpTimeout 5100');
  receive(rtp(2, 160, AUDIO), 16_000);
  incoming.configure({ ...AGREEMENT, maySend: false }, 16_000);
  incoming.tick(60_000);
  expect(reported.length).toBe(3);
  incoming.configure(AGREEMENT, 60_000);
  incoming.tick(64_000);
  expect(reported.length).toBe(3);
});

test('a stranger does not keep the call alive', () => {
  receive(rtp(1, 0, AUDIO), 0);
  incoming.accept(rtp(2, 160, AUDIO), '198.51.100.9', 4000, 4000);
  incoming.tick(5000);
  expect(reported.at(-1)).toBe('rtpTimeout 5000');
  expect(incoming.stats.foreign).toBe(1);
});

test('what was not agreed is counted and dropped', () => {
  receive(rtp(1, 0, AUDIO, 96));
  receive(rtp(2, 0, new Uint8Array(0)));
  receive(Uint8Array.of(1, 2, 3));
  incoming.accept(rtp(3, 0, AUDIO), '192.0.2.1', 0, 0);
  expect(incoming.stats).toMatchObject({ unknownPayload: 2, malformed: 2, packetsReceived: 0 });
  expect(reported).toEqual([]);
});
