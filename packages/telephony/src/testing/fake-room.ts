import { EventEmitter } from 'node:events';
import type { MemberOptions, RoomEvents } from '@voxology/media';
import type { FakeSession } from './fake-session.ts';

/** A room without sound, in which nothing that is played takes time: tells what was asked of it. */
export class FakeRoom extends EventEmitter<Pick<RoomEvents, 'playbackEnded'>> {
  /** Who speaks, as the workers would find out. */
  activeSpeaker: FakeSession | null = null;
  readonly #tell: (act: string) => void;

  constructor(tell: (act: string) => void) {
    super();
    this.#tell = tell;
  }

  join({ name }: FakeSession, options: MemberOptions): void {
    this.#tell(`join ${name}${described(options)}`);
  }
  update({ name }: FakeSession, options: MemberOptions): void {
    this.#tell(`update ${name}${described(options)}`);
  }
  leave({ name }: FakeSession): void {
    this.#tell(`leave ${name}`);
  }
  play(playbackId: string, { id }: { id: string }, { exceptFor }: { exceptFor?: FakeSession } = {}): void {
    this.#tell(`play ${id}${exceptFor === undefined ? '' : ` but not to ${exceptFor.name}`}`);
    queueMicrotask(() => this.emit('playbackEnded', { playbackId, outcome: 'completed' }));
  }
  close(): void {
    this.#tell('close');
  }
}

/** What is not as by default. */
function described({ muted, held, coach, gainDb = 0 }: MemberOptions): string {
  const words = [
    muted === true && 'muted',
    held === true && 'held',
    coach != null && 'coach',
    gainDb !== 0 && `${gainDb} dB`,
  ];
  return words
    .filter((word) => word !== false)
    .map((word) => ` ${word}`)
    .join('');
}
