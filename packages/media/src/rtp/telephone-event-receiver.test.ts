import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RtpPacket, writeRtpHeader } from './packet.ts';
import { eventOfDigit, writeTelephoneEvent } from './telephone-event.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';

interface Report {
  digit: string;
  timestamp: number;
  duration: number;
  end: boolean;
  marker: boolean;
}

/** The reports of one press of 100 ms as RFC 4733 §2.5.1 wants them: five, the last one three times. */
function press(digit: string, timestamp: number): Report[] {
  const durations = [160, 320, 480, 640, 800, 800, 800];
  return durations.map((duration, index) => ({
    digit,
    timestamp,
    duration,
    end: index >= 4,
    marker: index === 0,
  }));
}

/** Four presses, the middle ones of the same key, 150 ms apart; the timestamps wrap among them. */
function call(): Report[][] {
  return ['1', '5', '5', '#'].map((digit, index) => press(digit, (0xffff_fa00 + index * 1200) | 0));
}

function heard(reports: Report[]): string {
  const receiver = new TelephoneEventReceiver(8000);
  const packet = new RtpPacket();
  return reports
    .map(({ digit, timestamp, duration, end, marker }, sequence) => {
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
    [16_000, 48_000, 65_535].map((duration) => ({
      digit: '0',
      timestamp: segment * 65_535,
      duration,
      end: false,
      marker: segment === 0 && duration === 16_000,
    })),
  );
  expect(heard([...segments, ...press('0', 4 * 65_535)])).toBe('00');
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
