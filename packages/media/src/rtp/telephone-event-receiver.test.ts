import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RtpPacket, writeRtpHeader } from './packet.ts';
import { Reception } from './reception.ts';
import { eventOfDigit, writeTelephoneEvent } from './telephone-event.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import { seededRandom } from './virtual-far-side.ts';

interface Report {
  sequence: number;
  digit: string;
  timestamp: number;
  duration: number;
  end: boolean;
  marker: boolean;
}

/** The reports of one press of 100 ms as RFC 4733 §2.5.1 wants them: five, the last one three times. */
function press(digit: string, timestamp: number, sequence = timestamp >> 7): Report[] {
  const durations = [160, 320, 480, 640, 800, 800, 800];
  return durations.map((duration, index) => ({
    sequence: sequence + index,
    digit,
    timestamp,
    duration,
    end: index >= 4,
    marker: index === 0,
  }));
}

/** Four presses, the middle ones of the same key, 150 ms apart; the timestamps wrap among them. */
function call(): Report[][] {
  return ['1', '5', '5', '#'].map((digit, index) => press(digit, (0xffff_fa00 + index * 1200) | 0, 65_520 + index * 8));
}

function heard(reports: Report[]): string {
  const receiver = new TelephoneEventReceiver(8000);
  const packet = new RtpPacket();
  return reports
    .map(({ sequence, digit, timestamp, duration, end, marker }) => {
      const bytes = new Uint8Array(16);
      writeRtpHeader(bytes, marker, 101, sequence & 0xffff, timestamp, 1);
      writeTelephoneEvent(bytes, 12, eventOfDigit(digit), end, 10, duration);
      packet.read(bytes);
      return receiver.accept(packet);
    })
    .join('');
}

const unmarked = (report: Report): Report => ({ ...report, marker: false });

test('each press is one digit, at its first report', () => {
  expect(heard(call().flat())).toBe('155#');
  expect(heard(press('9', 0).slice(0, 1))).toBe('9');
});

test.each<[string, (reports: Report[]) => Report[]]>([
  ['without markers', (reports) => reports.map(unmarked)],
  ['every start lost', (reports) => reports.slice(3)],
  ['every end lost', (reports) => reports.slice(0, 3)],
  ['all but the first lost', (reports) => reports.slice(0, 1)],
  ['all but one in the middle lost', (reports) => reports.slice(2, 3)],
  ['all but the last end lost', (reports) => reports.slice(6)],
  ['everything doubled', (reports) => reports.flatMap((report) => [report, report])],
  ['backwards', (reports) => reports.toReversed()],
  ['without end bits', (reports) => reports.map((report) => ({ ...report, end: false }))],
  ['all ends at once, long after', (reports) => [...reports, ...reports.slice(4), ...reports.slice(4)]],
])('%s', (_, damage) => {
  expect(heard(call().flatMap(damage))).toBe('155#');
});

test('late packets of a press, after the next one has begun', () => {
  const [a = [], b = [], c = [], d = []] = call();
  const late = [...a.slice(0, 4), ...b.slice(0, 3), ...a.slice(4), ...c, ...b.slice(3), ...d, ...c.slice(5)];
  expect(heard(late)).toBe('155#');
});

test('presses whose packets are interleaved', () => {
  const [a = [], b = []] = [press('1', 0), press('2', 1200)];
  expect(heard(a.flatMap((report, index) => [report, b[index] ?? report]))).toBe('12');
});

test('any part of the packets, doubled and swapped with neighbours, gives each press once and in order', () => {
  const damage = fc.array(fc.tuple(fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }), fc.boolean(), fc.boolean()), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(damage, (damages) => {
      const reports = call().flatMap((one, index) => {
        const [kept, doubled, backwards] = damages[index] ?? [[0], false, false];
        const left = kept
          .flatMap((at) => one.slice(at, at + 1))
          .flatMap((report) => (doubled ? [report, report] : [report]));
        return backwards ? left.toReversed().map(unmarked) : left;
      });
      expect(heard(reports)).toBe('155#');
    }),
  );
});

test('a press longer than one event can tell comes in segments and is one digit', () => {
  const segments = [0, 1, 2].flatMap((segment) =>
    [16_000, 48_000, 65_535].map((duration, index) => ({
      sequence: segment * 3 + index,
      digit: '0',
      timestamp: segment * 65_535,
      duration,
      end: false,
      marker: segment === 0 && duration === 16_000,
    })),
  );
  expect(heard([...segments, ...press('0', 4 * 65_535, 20)])).toBe('00');
});

test('a sender that counts the timestamp up in every packet of a press', () => {
  const faulty = (start: number) =>
    press('7', start).map((report, index) => ({
      ...report,
      timestamp: start + Math.min(index, 4) * 160,
      marker: false,
    }));
  expect(heard([...faulty(0), ...faulty(2400)])).toBe('77');
});

test('events that are no digits, and reports cut short, say nothing', () => {
  const receiver = new TelephoneEventReceiver(8000);
  const packet = new RtpPacket();
  for (const payload of [[], [1], [1, 2, 3], [16, 0, 0, 160], [255, 255, 255, 255]]) {
    packet.read(Uint8Array.from([0x80, 101, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, ...payload]));
    expect(receiver.accept(packet)).toBe('');
  }
});

test('markers in every packet, also when the timestamp is counted up', () => {
  const marked = (report: Report): Report => ({ ...report, marker: true });
  expect(heard(call().flat().map(marked))).toBe('155#');
  const counted = press('7', 0).map((report, index) => ({ ...marked(report), timestamp: Math.min(index, 4) * 160 }));
  expect(heard(counted)).toBe('7');
});

test('two presses of one key with the same timestamp, from a sender whose timestamps stand still', () => {
  const [first, second] = [press('3', 0, 0), press('3', 0, 20)];
  expect(heard([...first, ...second])).toBe('33');
  expect(heard([...first, ...second.slice(2).map(unmarked)])).toBe('33');
  // Late reports of the first press are no second one.
  expect(heard([...first.slice(2), ...first.slice(0, 2), ...first])).toBe('3');
});

test('a length that starts over at 0 or stays at the greatest, with the same timestamp, is one long press', () => {
  const lengths = [16_000, 40_000, 65_535, 65_535, 100, 16_000, 40_000];
  const long = lengths.map((duration, index) => ({
    ...{ sequence: index, digit: '*', timestamp: 5, duration, marker: index === 0 },
    end: index === lengths.length - 1,
  }));
  expect(heard(long)).toBe('*');
});

interface Packet {
  report: Report | null;
  timestamp: number;
  sequence: number;
}

/** A stream of 20 ms packets: sound, in it presses by `events/clockRateHz`; sound may go on beside them. */
function capture(
  presses: { digit: string; frames: number; gapFrames: number }[],
  clockRateHz: number,
  beside: boolean,
) {
  const step = clockRateHz / 50;
  const packets: Packet[] = [];
  const reports: Packet[][] = [];
  let sequence = 65_000;
  let frame = 0;
  const timestampOf = (at: number): number => (0xffff_0000 + at * step) | 0;
  const sound = (): void => {
    packets.push({ report: null, timestamp: timestampOf(frame), sequence: sequence++ & 0xffff });
  };
  for (const { digit, frames, gapFrames } of presses) {
    for (let i = 0; i < gapFrames; i++, frame++) sound();
    const own: Packet[] = [];
    let begin = frame;
    for (let i = 1; i <= frames + 2; i++, frame++) {
      if (beside) sound();
      const last = i >= frames;
      const ticks = Math.min(i, frames);
      const start = frame - i + 1;
      // RFC 4733 §2.5.1.3: a longer press goes on as a new event where the length is used up.
      const segmentTicks = Math.floor(0xffff / step);
      const segment = Math.floor((ticks - 1) / segmentTicks);
      begin = start + segment * segmentTicks;
      const duration = (ticks - segment * segmentTicks) * step;
      const timestamp = timestampOf(begin);
      const report = { sequence: sequence & 0xffff, digit, timestamp, duration, end: last, marker: i === 1 };
      own.push({ report, timestamp, sequence: sequence++ & 0xffff });
    }
    packets.push(...own);
    reports.push(own);
  }
  for (let i = 0; i < 3; i++, frame++) sound();
  packets.sort((a, b) => ((a.sequence - b.sequence) << 16) >> 16);
  return { packets, reports };
}

test('captures with every fault: one press is one digit', () => {
  const press = fc.record({
    digit: fc.constantFrom(...'0123456789*#ABCD'),
    frames: fc.oneof(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 60, max: 250 })),
    gapFrames: fc.integer({ min: 4, max: 10 }),
  });
  const faults = fc.record({
    seed: fc.integer(),
    lossPercent: fc.constantFrom(0, 10, 30, 60),
    duplicatePercent: fc.constantFrom(0, 20),
    swapPercent: fc.constantFrom(0, 20),
    // Without both, a long press of one key and two of it look the same.
    without: fc.constantFrom('nothing', 'markers', 'ends'),
  });
  fc.assert(
    fc.property(
      fc.array(press, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(8000, 16_000, 48_000),
      fc.boolean(),
      faults,
      (presses, clockRateHz, beside, { seed, lossPercent, duplicatePercent, swapPercent, without }) => {
        const { packets, reports } = capture(presses, clockRateHz, beside);
        const random = seededRandom(seed);
        // Of every press the beginning of every event, or some other packet of it, must come for it to be known.
        const certain = new Set(reports.map((own) => own[Math.floor(random() * Math.min(own.length, 60))]));
        const arriving: Packet[] = [];
        for (const packet of packets) {
          if (random() * 100 < lossPercent && !certain.has(packet)) continue;
          arriving.push(packet);
          if (random() * 100 < duplicatePercent) arriving.push(packet);
          if (random() * 100 < swapPercent) arriving.push(...arriving.splice(-2).toReversed());
        }
        const reception = new Reception(clockRateHz);
        const receiver = new TelephoneEventReceiver(clockRateHz);
        let digits = '';
        for (const [at, { report, sequence, timestamp }] of arriving.entries()) {
          const bytes = new Uint8Array(16);
          writeRtpHeader(
            bytes,
            without !== 'markers' && report?.marker === true,
            report === null ? 0 : 101,
            sequence,
            timestamp,
            1,
          );
          if (report !== null) {
            const { digit, end, duration } = report;
            writeTelephoneEvent(bytes, 12, eventOfDigit(digit), without !== 'ends' && end, 10, duration);
          }
          const packet = new RtpPacket();
          packet.read(bytes);
          if (reception.accept(packet, at * 20, report === null) === 'ignored' || report === null) continue;
          digits += receiver.accept(packet);
        }
        expect(digits).toBe(presses.map(({ digit }) => digit).join(''));
      },
    ),
    { seed: 1, numRuns: 150 },
  );
});
