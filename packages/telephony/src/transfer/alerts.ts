import type { RungPhone } from '../outbound/fork.ts';
import type { Callee } from './callee.ts';

/** What a phone lets be heard before it is answered. */
export interface Alert {
  readonly callee: Callee;
  /** null: the callee has answered, and to the caller it rings still. */
  readonly phone: RungPhone | null;
  /** Of the sound that it sends; null: it rings. */
  sdp: string | null;
}

/** All that rings for one caller, in the order in which it began. */
export class Alerts {
  #alerts: Alert[] = [];

  get isEmpty(): boolean {
    return this.#alerts.length === 0;
  }

  /** A phone rings, or sends sound; one that has sent sound goes on doing so. */
  note(callee: Callee, phone: RungPhone, sdp: string | null): Alert {
    const known = this.#alerts.find((alert) => alert.phone === phone);
    if (known === undefined) return this.#add({ callee, phone, sdp });
    known.sdp = sdp ?? known.sdp;
    return known;
  }

  /** The callee has answered and is asked first: nothing of its phones is heard. */
  askedFirst(callee: Callee): void {
    this.dropCallee(callee);
    this.#add({ callee, phone: null, sdp: null });
  }

  dropPhone(phone: RungPhone): void {
    this.#alerts = this.#alerts.filter((alert) => alert.phone !== phone);
  }

  dropCallee(callee: Callee): void {
    this.#alerts = this.#alerts.filter((alert) => alert.callee !== callee);
  }

  /** Offers those that send sound one after the other, until one is taken; false: none was. */
  offerSound(take: (alert: Alert) => boolean): boolean {
    return this.#alerts.some((alert) => alert.sdp !== null && take(alert));
  }

  #add(alert: Alert): Alert {
    this.#alerts.push(alert);
    return alert;
  }
}
