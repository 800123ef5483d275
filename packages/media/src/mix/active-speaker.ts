import type { MixMember } from './mix-member.ts';

/** Mean magnitude from which a member speaks: some -44 dBm0. */
const SPEAKING_LEVEL = 150;
/** Another one must be so much louder, for so long, to take over while the first still speaks. */
export const TAKE_OVER_RATIO = 1.6;
const TAKE_OVER_CHECKS = 3;
/** Checks after which one who stopped is the speaker no more. */
const RELEASE_CHECKS = 10;
/** What is left of the loudness per check while the speaker pauses: half of it after 0.7 s. */
const PEAK_KEPT = 0.9;

/** Decides who of a room speaks, without jumping at every word; asked ten times a second. */
export class ActiveSpeaker {
  #current: MixMember | null = null;
  #challenger: MixMember | null = null;
  #challenges = 0;
  #quiet = 0;
  #peak = 0;

  get current(): MixMember | null {
    return this.#current;
  }

  /** How loud the current one has been lately, its pauses left out. */
  get level(): number {
    return this.#peak;
  }

  /** True when {@link current} changed. */
  check(members: readonly MixMember[]): boolean {
    const loudest = findLoudest(members);
    const current = this.#current;
    const isThere = current !== null && mayTakeFloor(current) && members.includes(current);
    const level = current !== null && isThere ? current.level : 0;
    this.#peak = Math.max(level, this.#peak * PEAK_KEPT);
    this.#quiet = level >= SPEAKING_LEVEL ? 0 : this.#quiet + 1;
    if (loudest === current && isThere) {
      this.#challenges = 0;
      return false;
    }
    if (loudest === null) {
      if (current === null || (isThere && this.#quiet < RELEASE_CHECKS)) return false;
      return this.#set(null);
    }
    this.#challenges = loudest === this.#challenger ? this.#challenges + 1 : 1;
    this.#challenger = loudest;
    if (current === null || !isThere) return this.#set(loudest);
    if (this.#challenges < TAKE_OVER_CHECKS || loudest.level < level * TAKE_OVER_RATIO) return false;
    return this.#set(loudest);
  }

  #set(member: MixMember | null): boolean {
    this.#current = member;
    this.#peak = member?.level ?? 0;
    this.#challenger = null;
    this.#challenges = 0;
    this.#quiet = 0;
    return true;
  }
}

function findLoudest(members: readonly MixMember[]): MixMember | null {
  let loudest: MixMember | null = null;
  for (const member of members) {
    if (member.level < SPEAKING_LEVEL || !mayTakeFloor(member)) continue;
    if (loudest === null || member.level > loudest.level) loudest = member;
  }
  return loudest;
}

/** Who whispers, is muted or on hold speaks to nobody or to one. */
function mayTakeFloor(member: MixMember): boolean {
  return member.isHeard && !member.whispers;
}
