import { expect, test } from 'vitest';
import { PCMA, PCMU } from '../codec/g711-codec.ts';
import { G722 } from '../codec/g722-codec.ts';
import { synthesizeTone } from '../dsp/tone.ts';
import { RTP_HEADER_BYTES, RtpPacket, writeRtpHeader } from '../rtp/packet.ts';
import { CallHealth, type HealthChange, type NetworkFigures } from './call-health.ts';

const TONE = synthesizeTone([{ frequencyHz: 400, levelDbm0: -12 }], { durationMs: 20 });
const LOUD = Int16Array.from({ length: 160 }, (_, i) => (i % 20 < 10 ? 32_767 : -32_768));
const NOISE = Int16Array.from({ length: 160 }, (_, i) => ((i * 7919) % 61) - 30);
const NOTHING = new Int16Array(160);

function packetOf(samples: Int16Array, codec = PCMU): Uint8Array {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + samples.length);
  writeRtpHeader(bytes, false, codec.name === 'PCMU' ? 0 : 8, 1, 0, 1);
  codec.createEncoder().encode(samples, 0, samples.length, bytes, RTP_HEADER_BYTES);
  return bytes;
}

/** A call of which every second is played: what comes, what goes, what the network says. */
class Call {
  readonly changes: (HealthChange & { atMs: number })[] = [];
  readonly network: NetworkFigures = {
    received: 0,
    lost: 0,
    jitterMs: 2,
    burstRatio: 1,
    roundTripMs: 40,
    heardByFarSide: null,
  };
  nowMs = 100_000;
  readonly health = new CallHealth({
    onChange: (change) => this.changes.push({ ...change, atMs: this.nowMs - 100_000 }),
  });

  constructor() {
    this.health.start(this.nowMs);
    this.health.setOpen(true, this.nowMs);
  }

  run(seconds: number, received: Int16Array | null, sent: Int16Array | null, lostOf100 = 0, codec = PCMU): void {
    const incoming = new RtpPacket();
    if (received !== null) incoming.read(packetOf(received, codec));
    const outgoing = sent === null ? null : packetOf(sent, codec);
    for (let ms = 0; ms < seconds * 1000; ms += 20) {
      this.nowMs += 20;
      if (received !== null && (ms / 20) % 100 < lostOf100) {
        this.network.lost++;
      } else if (received !== null) {
        this.health.received(codec.name, incoming, this.nowMs);
        this.network.received++;
      }
      if (outgoing !== null) this.health.sent(codec.name, outgoing, this.nowMs);
      if (ms % 1000 === 980) this.health.check(this.network, codec.name, this.nowMs);
    }
  }

  get issues(): string[] {
    return this.changes.map(({ issue, raised }) => `${raised ? '+' : '-'}${issue}`);
  }
}

test.each([PCMU, PCMA])('a good call of $name', (codec) => {
  const call = new Call();
  call.run(10, TONE, NOISE, 0, codec);
  call.run(10, NOISE, TONE, 0, codec);
  expect(call.changes).toEqual([]);
  expect(call.health.figures).toEqual({
    firstPacketInMs: 20,
    firstPacketOutMs: 20,
    silenceRatioIn: 0.5,
    silenceRatioOut: 0.5,
    clippingRatioIn: 0,
    clippingRatioOut: 0,
    issues: [],
  });
});

test('nothing comes while we send sound: one-way audio, until something comes', () => {
  const call = new Call();
  call.run(12, null, TONE);
  expect(call.changes).toEqual([{ issue: 'nothing_received', raised: true, atMs: 5000 }]);
  call.run(3, NOISE, TONE);
  expect(call.issues).toEqual(['+nothing_received', '-nothing_received']);
  expect(call.health.figures).toMatchObject({ firstPacketInMs: 12_020, firstPacketOutMs: 20 });
  call.run(12, null, TONE);
  expect(call.issues.slice(2)).toEqual(['+nothing_received']);
  expect(call.health.figures.issues).toEqual(['nothing_received']);
});

test('nobody is missed while we send silence, or while the call is on hold', () => {
  const call = new Call();
  call.run(20, null, NOTHING);
  call.health.setOpen(false, call.nowMs);
  call.run(20, null, TONE);
  expect(call.changes).toEqual([]);
  call.health.setOpen(true, call.nowMs);
  call.run(4, null, TONE);
  expect(call.changes).toEqual([]);
});

test('only dead silence comes: a microphone that is not taken; a quiet room is none', () => {
  const call = new Call();
  call.run(60, NOISE, TONE);
  expect(call.changes).toEqual([]);
  call.run(30, NOTHING, TONE);
  expect(call.changes).toEqual([{ issue: 'only_silence_received', raised: true, atMs: 81_000 }]);
  call.run(1, TONE, NOTHING);
  expect(call.issues).toEqual(['+only_silence_received', '-only_silence_received']);
});

test('the far side reports that it hears nothing of us', () => {
  const call = new Call();
  call.network.heardByFarSide = 17;
  call.run(19, NOISE, TONE);
  expect(call.changes).toEqual([]);
  call.run(5, NOISE, TONE);
  expect(call.issues).toEqual(['+not_heard']);
  call.network.heardByFarSide = 400;
  call.run(1, NOISE, TONE);
  expect(call.issues).toEqual(['+not_heard', '-not_heard']);
  // No reports are no complaint.
  call.network.heardByFarSide = null;
  call.run(60, NOISE, TONE);
  expect(call.issues.length).toBe(2);
});

test('loss and what it makes of the quality', () => {
  const call = new Call();
  call.run(10, TONE, TONE, 3);
  expect(call.changes).toEqual([]);
  call.run(10, TONE, TONE, 20);
  expect(call.issues).toEqual(['+high_loss', '+low_mos']);
  call.run(10, TONE, TONE);
  expect(call.issues).toEqual(['+high_loss', '+low_mos', '-high_loss', '-low_mos']);
  expect(call.health.figures.issues).toEqual(['high_loss', 'low_mos']);
});

test('sound that is too loud', () => {
  const call = new Call();
  call.run(5, TONE, TONE);
  call.run(5, LOUD, TONE);
  expect(call.issues).toEqual(['+clipping']);
  call.run(5, TONE, TONE);
  expect(call.issues).toEqual(['+clipping', '-clipping']);
  expect(call.health.figures.clippingRatioIn).toBeCloseTo(1 / 3);
});

test('of other codecs it is told, too, that only silence comes', () => {
  const call = new Call();
  const encoder = G722.createEncoder();
  const bytes = new Uint8Array(RTP_HEADER_BYTES + 160);
  writeRtpHeader(bytes, false, 9, 1, 0, 1);
  const packet = new RtpPacket();
  packet.read(bytes);
  for (let ms = 0; ms < 60_000; ms += 20) {
    call.nowMs += 20;
    encoder.encode(new Int16Array(320), 0, 320, bytes, RTP_HEADER_BYTES);
    call.health.received('G722', packet, call.nowMs);
    call.health.sent('PCMU', packetOf(TONE), call.nowMs);
    if (ms % 1000 === 980) call.health.check(call.network, 'G722', call.nowMs);
  }
  expect(call.issues).toEqual(['+only_silence_received']);
  expect(call.health.figures).toMatchObject({ silenceRatioIn: 1, clippingRatioIn: 0 });
});

test('digits and comfort noise show that somebody is there', () => {
  const call = new Call();
  const packet = new RtpPacket();
  packet.read(packetOf(NOTHING));
  for (let second = 0; second < 60; second++) {
    call.health.received(second % 2 === 0 ? 'telephone-event' : 'CN', packet, call.nowMs);
    call.run(1, null, TONE);
  }
  expect(call.changes).toEqual([]);
});

test('a far side that said that it pauses is not missed until it speaks again', () => {
  const call = new Call();
  const packet = new RtpPacket();
  packet.read(packetOf(NOTHING));
  call.run(2, TONE, TONE);
  call.health.received('CN', packet, call.nowMs);
  call.run(60, null, TONE);
  expect(call.changes).toEqual([]);
  call.run(2, TONE, TONE);
  call.run(7, null, TONE);
  expect(call.issues).toEqual(['+nothing_received']);
});
