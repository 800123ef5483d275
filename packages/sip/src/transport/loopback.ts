import type { Clock } from '../transaction/clock.ts';
import { ListenError, type LocalAddress, type Protocol, type Receive, type Transport } from './transport.ts';

/** One message on its way through a `LoopbackNetwork`. */
export interface Passage {
  readonly bytes: Uint8Array;
  /** The message as text, for hooks that look at its first line. */
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  /** How many messages passed before this one. */
  readonly index: number;
}

/**
 * What the network does to a message: the delay in milliseconds of each copy that arrives. `[]` loses it, `[1, 1]`
 * duplicates it, a longer delay lets later messages overtake.
 */
export type Weather = (passage: Passage) => readonly number[];

/**
 * A network in memory for tests: listeners at made-up addresses, a clock of the test's choice, and weather. Messages
 * go through it as bytes, so they are parsed and serialized as on a real one.
 */
export class LoopbackNetwork {
  /** Everything sent so far, lost messages included. */
  readonly passages: Passage[] = [];
  weather: Weather = () => [1];
  readonly #clock: Clock;
  readonly #receivers = new Map<string, (bytes: Uint8Array, fromHost: string, fromPort: number) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A listener at `host:port` of this network. */
  transport(protocol: Protocol, host: string, port: number): Transport {
    return new LoopbackTransport(this, protocol, host, port);
  }

  /** @internal */
  bind(key: string, receive: (bytes: Uint8Array, fromHost: string, fromPort: number) => void): boolean {
    if (this.#receivers.has(key)) return false;
    this.#receivers.set(key, receive);
    return true;
  }

  /** @internal */
  unbind(key: string): void {
    this.#receivers.delete(key);
  }

  /** @internal */
  has(key: string): boolean {
    return this.#receivers.has(key);
  }

  /** @internal */
  carry(bytes: Uint8Array, protocol: Protocol, from: LocalAddress, to: LocalAddress): void {
    const passage: Passage = {
      bytes,
      text: Buffer.from(bytes).toString(),
      from: `${from.host}:${from.port}`,
      to: `${to.host}:${to.port}`,
      protocol,
      index: this.passages.length,
    };
    this.passages.push(passage);
    for (const delayMs of this.weather(passage)) {
      this.#clock.schedule(delayMs, () => {
        this.#receivers.get(`${protocol}:${passage.to}`)?.(Uint8Array.from(bytes), from.host, from.port);
      });
    }
  }
}

class LoopbackTransport implements Transport {
  readonly protocol: Protocol;
  readonly reliable: boolean;
  readonly local: LocalAddress;
  readonly #network: LoopbackNetwork;
  readonly #key: string;

  constructor(network: LoopbackNetwork, protocol: Protocol, host: string, port: number) {
    this.#network = network;
    this.protocol = protocol;
    this.reliable = protocol !== 'udp';
    this.local = { host, port };
    this.#key = `${protocol}:${host}:${port}`;
  }

  async start(receive: Receive): Promise<void> {
    const { protocol } = this;
    const bound = this.#network.bind(this.#key, (bytes, address, port) =>
      receive(bytes, { protocol, address, port }, this),
    );
    if (bound) return;
    const inUse = Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
    throw new ListenError(inUse, protocol, this.local.host, this.local.port);
  }

  async close(): Promise<void> {
    this.#network.unbind(this.#key);
  }

  send(bytes: Uint8Array, address: string, port: number, failed?: (error: Error) => void): void {
    const to = { host: address, port };
    // A datagram to nobody is lost without a word; a connection to nobody is refused.
    if (this.reliable && !this.reaches(address, port)) {
      if (failed !== undefined) queueMicrotask(() => failed(new Error(`connection to ${address}:${port} refused`)));
      return;
    }
    this.#network.carry(bytes, this.protocol, this.local, to);
  }

  reaches(address: string, port: number): boolean {
    return !this.reliable || this.#network.has(`${this.protocol}:${address}:${port}`);
  }
}
