import { expect, test } from 'vitest';
import { PacketSchedule } from './packet-schedule.ts';

class Member {
  readonly ticks: number[] = [];

  tick(tick: number): void {
    this.ticks.push(tick);
  }
}

function run(schedule: PacketSchedule<Member>, from: number, to: number): void {
  for (let tick = from; tick <= to; tick++) schedule.run(tick, 0);
}

test('members are spread over the phases of their packet length and keep their distance', () => {
  const schedule = new PacketSchedule<Member>();
  const members = Array.from({ length: 8 }, () => new Member());
  for (const member of members) schedule.set(member, 4);
  run(schedule, 1, 12);
  for (const { ticks } of members) {
    expect(ticks.length).toBe(3);
    expect((ticks[2] ?? 0) - (ticks[1] ?? 0)).toBe(4);
  }
  const perTick = [1, 2, 3, 4].map((tick) => members.filter(({ ticks }) => ticks[0] === tick).length);
  expect(perTick).toEqual([2, 2, 2, 2]);
});

test('a member moves to another packet length and can leave', () => {
  const schedule = new PacketSchedule<Member>();
  const member = new Member();
  schedule.set(member, 4);
  schedule.set(member, 4);
  schedule.set(member, 2);
  run(schedule, 1, 8);
  expect(member.ticks.length).toBe(4);
  schedule.delete(member);
  run(schedule, 9, 20);
  expect(member.ticks.length).toBe(4);
  expect(schedule.size).toBe(0);
});
