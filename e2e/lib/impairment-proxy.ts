import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { TestContext } from './context.ts';

const HOST = '127.0.0.1';
/** A packet held back for its follower goes out after this time when none follows. */
const LONGEST_HOLD_MS = 60;

/** What the network does to the packets of one direction. Everything is off unless given. */
export interface Impairment {
  /** The same seed makes the same decisions for the same number of packets. */
  seed?: number;
  lossPercent?: number;
  /** Mean number of packets lost in a row (Gilbert's model); 1: each for itself. */
  lossBurstLength?: number;
  duplicatePercent?: number;
  /** Packets that are sent after their follower. */
  reorderPercent?: number;
  /** On the way for so long, all of them. */
  delayMs?: number;
  /** And up to so much longer, evenly spread; the order is kept. */
  jitterMs?: number;
  /** Now and then nothing passes for a while, and then everything at once. */
  stall?: { everyPackets: number; forMs: number };
}

/** What is done to one packet. */
export interface Fate {
  lost: boolean;
  duplicated: boolean;
  swapped: boolean;
  delayMs: number;
  stallMs: number;
}

/** The fates of the packets of one direction, one after the other. */
export class Fates {
  private readonly impairment: Impairment;
  private state: number;
  private losing = false;
  private count = 0;

  constructor(impairment: Impairment) {
    this.impairment = impairment;
    this.state = impairment.seed ?? 1;
  }

  next(): Fate {
    const { duplicatePercent = 0, reorderPercent = 0, delayMs = 0, jitterMs = 0, stall } = this.impairment;
    // Always the same number of draws, so that one setting does not change what another does.
    const [loss, duplicate, reorder, jitter] = [this.draw(), this.draw(), this.draw(), this.draw()];
    this.count++;
    return {
      lost: this.loses(loss),
      duplicated: duplicate * 100 < duplicatePercent,
      swapped: reorder * 100 < reorderPercent,
      delayMs: delayMs + jitter * jitterMs,
      stallMs: stall !== undefined && this.count % stall.everyPackets === 0 ? stall.forMs : 0,
    };
  }

  private loses(chance: number): boolean {
    const { lossPercent = 0, lossBurstLength = 1 } = this.impairment;
    const rate = lossPercent / 100;
    if (rate >= 1) return true;
    const recovers = Math.min(1 / lossBurstLength, 1);
    const fails = (rate * recovers) / (1 - rate);
    if (recovers === 1) return chance < rate;
    this.losing = this.losing ? chance >= recovers : chance < fails;
    return this.losing;
  }

  /** Mulberry32: from 0 to 1. */
  private draw(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

/** One direction: takes packets and sends them on, damaged as decided. */
class Way {
  readonly counts = { came: 0, lost: 0, duplicated: 0, swapped: 0 };
  private readonly fates: Fates;
  private readonly send: (packet: Buffer) => void;
  /** In the order of sending: a single queue, since timers of different lengths do not keep an order. */
  private readonly queue: { packet: Buffer; atMs: number }[] = [];
  private timer: NodeJS.Timeout | null = null;
  private held: Buffer | null = null;
  private heldTimer: NodeJS.Timeout | null = null;
  private freeAtMs = 0;
  private lastMs = 0;

  constructor(impairment: Impairment, send: (packet: Buffer) => void) {
    this.fates = new Fates(impairment);
    this.send = send;
  }

  take(packet: Buffer): void {
    const fate = this.fates.next();
    const nowMs = performance.now();
    this.counts.came++;
    if (fate.stallMs > 0) this.freeAtMs = nowMs + fate.stallMs;
    if (fate.lost) {
      this.counts.lost++;
      return;
    }
    const former = this.release();
    if (fate.swapped && former === null) {
      this.counts.swapped++;
      this.held = packet;
      this.heldTimer = setTimeout(() => {
        const late = this.release();
        if (late !== null) this.send(late);
      }, LONGEST_HOLD_MS);
      return;
    }
    // Never sooner than the one before: jitter alone does not swap.
    const atMs = Math.max(nowMs + fate.delayMs, this.freeAtMs, this.lastMs);
    this.lastMs = atMs;
    this.queue.push({ packet, atMs });
    if (fate.duplicated) {
      this.counts.duplicated++;
      this.queue.push({ packet, atMs });
    }
    if (former !== null) this.queue.push({ packet: former, atMs });
    this.sendDue();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.release();
  }

  private release(): Buffer | null {
    if (this.heldTimer !== null) clearTimeout(this.heldTimer);
    const { held } = this;
    this.held = null;
    this.heldTimer = null;
    return held;
  }

  private sendDue(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    while ((this.queue[0]?.atMs ?? Number.POSITIVE_INFINITY) <= performance.now()) {
      const next = this.queue.shift();
      if (next !== undefined) this.send(next.packet);
    }
    const [first] = this.queue;
    if (first !== undefined) this.timer = setTimeout(() => this.sendDue(), Math.ceil(first.atMs - performance.now()));
  }
}

export interface ImpairmentPlan {
  /** From the client, who sends to `port`, to the target. */
  toTarget?: Impairment;
  /** Back again. */
  toClient?: Impairment;
}

/**
 * A bad network on 127.0.0.1: a UDP proxy that loses, doubles, swaps and delays packets. A client sends to `port`; what
 * the target sends back goes to whoever sent there last. The target sees one address, that of the proxy.
 */
export class ImpairmentProxy {
  /** Where the client sends to. */
  readonly port: number;
  private readonly near: Socket;
  private readonly far: Socket;
  private readonly toTarget: Way;
  private readonly toClient: Way;
  private target: { ip: string; port: number } | null = null;
  private client: RemoteInfo | null = null;

  private constructor(near: Socket, far: Socket, plan: ImpairmentPlan) {
    this.near = near;
    this.far = far;
    this.port = near.address().port;
    this.toTarget = new Way(plan.toTarget ?? {}, (packet) => {
      if (this.target !== null) far.send(packet, this.target.port, this.target.ip);
    });
    this.toClient = new Way(plan.toClient ?? {}, (packet) => {
      if (this.client !== null) near.send(packet, this.client.port, this.client.address);
    });
    near.on('message', (packet, from) => {
      this.client = from;
      this.toTarget.take(packet);
    });
    far.on('message', (packet) => this.toClient.take(packet));
    for (const socket of [near, far]) {
      socket.on('error', () => {
        // A closed port on the other side comes back as ECONNREFUSED; packets sent to nobody are lost on any network.
      });
    }
  }

  /** Closed at the end of the test. Until {@link aim} is called, packets of the client are lost. */
  static async open(t: Pick<TestContext, 'defer'>, plan: ImpairmentPlan): Promise<ImpairmentProxy> {
    const [near, far] = await Promise.all([bind(), bind()]);
    const proxy = new ImpairmentProxy(near, far, plan);
    t.defer(() => proxy.close());
    return proxy;
  }

  /** Where the client's packets go from now on. */
  aim(ip: string, port: number): void {
    this.target = { ip, port };
  }

  /** What was done so far. */
  get counts(): { toTarget: Way['counts']; toClient: Way['counts'] } {
    return { toTarget: this.toTarget.counts, toClient: this.toClient.counts };
  }

  close(): void {
    this.toTarget.close();
    this.toClient.close();
    this.near.close();
    this.far.close();
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, HOST, () => resolve());
  });
  return socket;
}
