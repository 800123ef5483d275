import { beforeEach, expect, test } from 'vitest';
import { decodeAlaw, encodeAlaw, encodeMulaw } from '../codec/g711.ts';
import { DtmfDetector } from '../dsp/dtmf-detector.ts';
import { RtpPacket } from '../rtp/packet.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import { Outgoing } from './outgoing.ts';
import { EncodedPrompt, type Prompt } from './prompt.ts';

const AGREEMENT: MediaAgreement = {
  remote: { address: '192.0.2.1', port: 4000 },
  codec: 'PCMU',
  payloadType: 0,
  encoder: null,
  eventPayloadType: 101,
  eventClockRateHz: 8000,
  receive: [],
  packetMs: 20,
  maySend: true,
  mayReceive: true,
  rtcp: { mux: false, remote: null },
};

interface Sent {
  tick: number;
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
}

let sent: Sent[];
let reported: string[];
let outgoing: Outgoing;
let tick: number;

beforeEach(() => {
  sent = [];
  reported = [];
  tick = 0;
  outgoing = new Outgoing({
    send(bytes) {
      const packet = new RtpPacket();
      if (!packet.read(bytes)) throw new Error('No RTP was sent');
      const { marker, payloadType, sequence, timestamp, ssrc, payloadOffset } = packet;
      sent.push({ tick, marker, payloadType, sequence, timestamp, ssrc, payload: bytes.slice(payloadOffset) });
    },
    report: (name, event) => reported.push(`${name} ${Object.values(event).join(' ')}`),
    tickMs: 5,
    ssrc: -5,
    firstSequence: 65_534,
    firstTimestamp: 0x7fff_ff00,
  });
  outgoing.configure(AGREEMENT);
});

/** Lets so many packet times pass. */
function run(packets: number, packetTicks = 4): void {
  for (let i = 0; i < packets; i++) {
    outgoing.tick(tick);
    tick += packetTicks;
  }
}

function prompt(samples: Int16Array): Prompt {
  return { samples, sampleRateHz: 8000, encodedFor: (codec) => new EncodedPrompt(samples, codec) };
}

function ramp(length: number): Int16Array {
  return Int16Array.from({ length }, (_, at) => at * 37);
}

function expectOneStream(): void {
  for (const [index, packet] of sent.entries()) {
    const before = sent[index - 1];
    expect(packet.ssrc).toBe(-5);
    if (before === undefined) continue;
    expect(packet.sequence).toBe((before.sequence + 1) & 0xffff);
    if (packet.payloadType === 101 || before.payloadType === 101) continue;
    expect((packet.timestamp - before.timestamp) | 0).toBe((packet.tick - before.tick) * 40);
  }
}

test('one stream over silence, prompt, digits, prompt again and silence, each change marked', () => {
  run(2);
  outgoing.play('p', prompt(ramp(1000)), 0);
  run(3);
  outgoing.sendDigits('1', 40, 50, true);
  run(8);
  expect(reported).toEqual(['digitsSent 1']);
  run(4);
  expect(reported).toEqual(['digitsSent 1', 'playbackEnded p completed']);
  expectOneStream();
  const script = sent.map(({ marker, payloadType }) => `${marker ? 'M' : ''}${payloadType}`);
  expect(script.slice(0, 9)).toEqual(['M0', '0', 'M0', '0', '0', 'M101', '101', '101', '101']);
  expect(script[9]).toBe('M0');
  const expected = new Uint8Array(1120).fill(0xff);
  encodeMulaw(ramp(1000), 0, expected, 0, 1000);
  const spoken = sent.filter(({ payload }) => payload.length === 160 && payload.some((octet) => octet !== 0xff));
  expect(Buffer.concat(spoken.map(({ payload }) => payload))).toEqual(Buffer.from(expected));
});

test('event digits: durations grow, three ends, the start timestamp throughout, the pause kept', () => {
  run(1);
  outgoing.sendDigits('9A', 100, 100, true);
  run(22);
  const events = sent.filter(({ payloadType }) => payloadType === 101);
  expect(
    events.map(({ payload }) => [payload[0], (payload[1] ?? 0) >> 7, ((payload[2] ?? 0) << 8) | (payload[3] ?? 0)]),
  ).toEqual(
    [9, 12].flatMap((code) => [
      [code, 0, 160],
      [code, 0, 320],
      [code, 0, 480],
      [code, 0, 640],
      [code, 1, 800],
      [code, 1, 800],
      [code, 1, 800],
    ]),
  );
  const [first, second] = [events[0], events[7]];
  expect(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) | 0).toBe(1600);
  expect(events.filter(({ marker }) => marker)).toEqual([first, second]);
  expect(reported).toEqual(['digitsSent 9A']);
  expectOneStream();
});

test('without agreed events digits are tones that a detector hears, one order after the other', () => {
  outgoing.configure({ ...AGREEMENT, codec: 'PCMA', payloadType: 8, eventPayloadType: null });
  outgoing.sendDigits('12', 60, 60, true);
  outgoing.sendDigits('3', 60, 60, true);
  run(25);
  expect(reported).toEqual(['digitsSent 12', 'digitsSent 3']);
  const detector = new DtmfDetector({ sampleRateHz: 8000 });
  const samples = new Int16Array(160);
  const digits = sent.map(({ payload }) => {
    decodeAlaw(payload, 0, samples, 0, 160);
    return detector.process(samples, 0, 160);
  });
  expect(digits.join('')).toBe('123');
  expectOneStream();
});

test('on hold nothing is sent; the playback ends in its time, digits wait', () => {
  outgoing.play('p', prompt(ramp(480)), 0);
  run(1);
  outgoing.configure({ ...AGREEMENT, maySend: false });
  outgoing.sendDigits('5', 40, 30, true);
  run(5);
  expect(sent.length).toBe(1);
  expect(reported).toEqual(['playbackEnded p completed']);
  outgoing.configure(AGREEMENT);
  run(5);
  expect(reported.at(-1)).toBe('digitsSent 5');
  expect(sent[1]).toMatchObject({ payloadType: 101, marker: true, sequence: 65_535 });
  expect(((sent[1]?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0)) | 0).toBe(6 * 160);
});

test('the codec and the packet length may change in the middle of a prompt', () => {
  outgoing.play('p', prompt(ramp(800)), 0);
  run(2);
  outgoing.configure({ ...AGREEMENT, codec: 'PCMA', payloadType: 8, packetMs: 60 });
  run(1, 12);
  const expected = new Uint8Array(480);
  encodeAlaw(ramp(800), 320, expected, 0, 480);
  expect(sent[2]).toMatchObject({ payloadType: 8, payload: expected });
  expect(reported).toEqual(['playbackEnded p completed']);
  expectOneStream();
});

test('ticks left out by the clock move the timestamp on and mark the next packet', () => {
  run(2);
  tick += 40;
  run(2);
  expect(sent.map(({ marker }) => marker)).toEqual([true, false, true, false]);
  expectOneStream();
});

test('a playback replaced, stopped or closed ends once; one that ended cannot be stopped', () => {
  outgoing.play('a', prompt(ramp(160)), 0);
  outgoing.play('b', prompt(ramp(160)), 10);
  run(1);
  outgoing.stopPlayback('b');
  outgoing.play('c', prompt(ramp(1600)), 0);
  run(1);
  outgoing.stopPlayback('c');
  outgoing.play('d', prompt(ramp(0)), 0);
  run(1);
  outgoing.play('e', prompt(ramp(160)), 60_000);
  run(1);
  outgoing.play('f', prompt(ramp(160)), 0);
  outgoing.close();
  outgoing.close();
  expect(reported).toEqual([
    'playbackEnded a stopped',
    'playbackEnded b completed',
    'playbackEnded c stopped',
    'playbackEnded d completed',
    'playbackEnded e completed',
    'playbackEnded f stopped',
  ]);
});

test('digits that somebody waits for are all sent and told; those of a flood of keys are left out', () => {
  for (let i = 0; i < 70; i++) outgoing.sendDigits('1', 40, 30, false);
  outgoing.sendDigits('2', 40, 30, true);
  outgoing.sendDigits('3', 40, 30, false);
  run(600);
  expect(reported).toEqual(['digitsSent 2']);
  const ends = new Map(
    sent.filter(({ payloadType }) => payloadType === 101).map(({ timestamp, payload }) => [timestamp, payload[0]]),
  );
  expect([...ends.values()].filter((code) => code === 1).length).toBe(65);
  expect([...ends.values()].slice(-1)).toEqual([2]);
});
