import { expect, test, vi } from 'vitest';
import { type RoomMember, SpannedRoom } from '../control/spanned-room.ts';
import { amplitudeOf, type Party, VirtualNetwork } from '../worker/virtual-network.ts';

vi.setConfig({ testTimeout: 30_000 });

const PARTIES = 6;
const VOICE = 2000;
const RATE_HZ = 8000;
const PACKETS_PER_SECOND = 50;
/** Low tones are nearly straight from one sample to the next; µ-law bends them by this much in a room of six, a click more. */
const LARGEST_BEND = 620;

const toneOf = (id: number) => 40 + 12 * id;

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

/** A room over two workers whose members come, go, are muted and held and coach each other at random. */
class RestlessRoom {
  readonly network = new VirtualNetwork();
  readonly parties: Party[];
  readonly #room: SpannedRoom;
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    const workers = [this.network.worker(), this.network.worker()] as const;
    const workerOf = (id: number) => workers[id % 2 === 0 ? 0 : 1];
    this.#room = new SpannedRoom({
      roomId: 7,
      reportSpeakers: true,
      post: (worker, command) => workerOf(worker).handle(command),
    });
    this.parties = Array.from({ length: PARTIES }, (_, id) => {
      const party = workerOf(id).join(id);
      party.sound = (seconds) => VOICE * Math.sin(2 * Math.PI * toneOf(id) * seconds);
      return party;
    });
  }

  change(): void {
    const id = Math.floor(this.#random() * PARTIES);
    const member = this.#room.member(id);
    const settings = {
      muted: this.#happens(0.3),
      held: this.#happens(0.2),
      gainDb: 0,
      coachOf: this.#happens(0.3) ? this.#anybodyBut(member) : null,
    };
    if (member === undefined) this.#room.join(id, id % 2, settings);
    else if (this.#happens(0.4)) this.#room.leave(id, false);
    else this.#room.update(member, settings);
  }

  pause(longestMs: number): void {
    this.network.run(Math.floor(this.#random() * longestMs));
  }

  /** Who must hear whom now. */
  hears(listenerId: number, speakerId: number): boolean {
    const [listener, speaker] = [this.#room.member(listenerId), this.#room.member(speakerId)];
    if (listener === undefined || speaker === undefined || listener === speaker || listener.settings.held) return false;
    const { muted, held, coachOf } = speaker.settings;
    return !muted && !held && (coachOf === null || coachOf === listener);
  }

  #happens(probability: number): boolean {
    return this.#random() < probability;
  }

  #anybodyBut(member: RoomMember | undefined): RoomMember | null {
    const others = [...this.#room.members].filter((one) => one !== member);
    return others[Math.floor(this.#random() * others.length)] ?? null;
  }
}

/** The sharpest bend of the sound, and when it was. */
function sharpestBend(samples: Int16Array): { atMs: number; bend: number } {
  const sharpest = { atMs: 0, bend: 0 };
  for (let i = 2; i < samples.length; i++) {
    const [a, b, c] = [samples[i - 2] as number, samples[i - 1] as number, samples[i] as number];
    const bend = Math.abs(a - 2 * b + c);
    if (bend > sharpest.bend) Object.assign(sharpest, { atMs: i / (RATE_HZ / 1000), bend });
  }
  return sharpest;
}

test.each([1, 2, 3])(
  'members come, go, change and coach at random (%i): nothing clicks, only the right ones are heard',
  (seed) => {
    const room = new RestlessRoom(seed);
    const { network, parties } = room;
    for (let round = 0; round < 8; round++) {
      for (let change = 0; change < 4; change++) {
        room.change();
        room.pause(90);
      }
      network.run(1300);
      for (const party of parties) {
        const { sessionId: listener } = party;
        const last = party.samples(party.heard.length - PACKETS_PER_SECOND);
        for (const { sessionId: speaker } of parties) {
          const level = 20 * Math.log10(Math.max(amplitudeOf(last, toneOf(speaker), RATE_HZ), 1) / VOICE);
          const label = `round ${round}: ${listener} hears ${speaker} at ${level.toFixed(1)} dB`;
          if (room.hears(listener, speaker)) expect(Math.abs(level), label).toBeLessThan(1.2);
          else expect(level, label).toBeLessThan(-30);
        }
      }
    }
    for (const party of parties) {
      const { atMs, bend } = sharpestBend(party.samples());
      expect(bend, `${party.sessionId} hears a click after ${atMs} ms`).toBeLessThan(LARGEST_BEND);
    }
  },
);
