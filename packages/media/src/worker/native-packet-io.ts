import type { PacketHandler, PacketSocket } from './packet-socket.ts';

/** One instance of the addon's class: packages/media/native/README.md says what its functions and memory mean. */
export interface NativeIo {
  readonly received: Int32Array;
  readonly packets: Uint8Array;
  readonly sends: Int32Array;
  readonly sendBytes: Uint8Array;
  /** The socket's number, or the name of the system's error. */
  bind(address: string, port: number): number | string;
  aim(socket: number, address: string, port: number, exclusive: boolean): void;
  unaim(socket: number): void;
  closeSocket(socket: number): void;
  flush(count: number): void;
  sourceAddress(slot: number): string;
  close(): void;
}

/** What the addon exports. */
export interface PacketAddon {
  readonly PacketIo: new (onBatch: (count: number) => void) => NativeIo;
  readonly receiveSlots: number;
  readonly slotBytes: number;
  readonly slotStride: number;
  readonly sendSlots: number;
}

// Words of a record of `received`.
const SOCKET = 0;
const LENGTH = 1;
const PORT = 2;
const SCOPE = 3;
const ADDRESS = 4;
const FIELDS = 8;
/** Longer datagrams are handshakes and reports, or rare: 20 ms of any codec, protected, are shorter. */
const LONGEST_KEPT_VIEW = 400;

/**
 * All sockets of one worker by way of the addon. What came is read for all sockets at once and handed out here; what is
 * sent within one turn of the event loop is gathered and leaves in one call at its end. Nothing is allocated per packet
 * while sources stay as they were.
 */
export class NativePacketIo {
  readonly #io: NativeIo;
  readonly #sendSlots: number;
  readonly #sockets: (NativeSocket | null)[] = [];
  /** The views of each slot made so far, by their length: audio comes in a few lengths again and again. */
  readonly #views: (Uint8Array | undefined)[][];
  readonly #slotStride: number;
  #queued = 0;
  #queuedBytes = 0;
  readonly #flush = () => this.flush();

  constructor(addon: PacketAddon) {
    this.#io = new addon.PacketIo((count) => this.#deliver(count));
    this.#sendSlots = addon.sendSlots;
    this.#slotStride = addon.slotStride;
    this.#views = Array.from({ length: addon.receiveSlots }, () => new Array<undefined>(LONGEST_KEPT_VIEW + 1));
  }

  /** A {@link BindSocket}. */
  bind(host: string, port: number, bound: (socket: PacketSocket | null, errorCode: string) => void): void {
    const id = this.#io.bind(host, port);
    if (typeof id === 'string') {
      bound(null, id);
      return;
    }
    const socket = new NativeSocket(this, this.#io, id, port);
    this.#sockets[id] = socket;
    bound(socket, '');
  }

  /** Puts a datagram behind those that leave at the end of this turn of the event loop. */
  queue(id: number, packet: Uint8Array): void {
    const { sends, sendBytes } = this.#io;
    const { length } = packet;
    // More than UDP can carry.
    if (length > sendBytes.length) return;
    if (this.#queued === this.#sendSlots || length > sendBytes.length - this.#queuedBytes) this.flush();
    if (this.#queued === 0) queueMicrotask(this.#flush);
    sendBytes.set(packet, this.#queuedBytes);
    sends[this.#queued * 2] = id;
    sends[this.#queued * 2 + 1] = length;
    this.#queued++;
    this.#queuedBytes += length;
  }

  /** Sends what is queued, before anything changes about its sockets. */
  flush(): void {
    const count = this.#queued;
    if (count === 0) return;
    this.#queued = 0;
    this.#queuedBytes = 0;
    this.#io.flush(count);
  }

  forget(id: number): void {
    this.#sockets[id] = null;
  }

  /** Closes the sockets, too. */
  close(): void {
    this.flush();
    for (const socket of this.#sockets) socket?.close();
    this.#io.close();
  }

  #view(slot: number, length: number): Uint8Array {
    const views = this.#views[slot] as (Uint8Array | undefined)[];
    const known = length <= LONGEST_KEPT_VIEW ? views[length] : undefined;
    if (known !== undefined) return known;
    const view = new Uint8Array(this.#io.packets.buffer, slot * this.#slotStride, length);
    if (length <= LONGEST_KEPT_VIEW) views[length] = view;
    return view;
  }

  #deliver(count: number): void {
    const { received } = this.#io;
    for (let slot = 0; slot < count; slot++) {
      const at = slot * FIELDS;
      const socket = this.#sockets[received[at + SOCKET] as number];
      if (socket?.onPacket == null) continue;
      const view = this.#view(slot, received[at + LENGTH] as number);
      if (!socket.isFromLastSource(received, at)) socket.setSource(received, at, this.#io.sourceAddress(slot));
      socket.onPacket(view, socket.sourceAddress, received[at + PORT] as number);
    }
  }
}

class NativeSocket implements PacketSocket {
  readonly port: number;
  onPacket: PacketHandler | null = null;
  /** Where the last datagram came from, put into words only when it changes. */
  sourceAddress = '';
  #sourceScope = 0;
  #source0 = 0;
  #source1 = 0;
  #source2 = 0;
  #source3 = 0;
  readonly #all: NativePacketIo;
  readonly #io: NativeIo;
  readonly #id: number;
  #aimedAddress = '';
  #aimedPort = 0;
  #exclusive = false;
  #closed = false;

  constructor(all: NativePacketIo, io: NativeIo, id: number, port: number) {
    this.#all = all;
    this.#io = io;
    this.#id = id;
    this.port = port;
  }

  /** Whether the record at `at` tells the address that {@link sourceAddress} is. */
  isFromLastSource(received: Int32Array, at: number): boolean {
    return (
      received[at + ADDRESS] === this.#source0 &&
      received[at + ADDRESS + 1] === this.#source1 &&
      received[at + ADDRESS + 2] === this.#source2 &&
      received[at + ADDRESS + 3] === this.#source3 &&
      received[at + SCOPE] === this.#sourceScope &&
      this.sourceAddress !== ''
    );
  }

  setSource(received: Int32Array, at: number, address: string): void {
    this.#source0 = received[at + ADDRESS] as number;
    this.#source1 = received[at + ADDRESS + 1] as number;
    this.#source2 = received[at + ADDRESS + 2] as number;
    this.#source3 = received[at + ADDRESS + 3] as number;
    this.#sourceScope = received[at + SCOPE] as number;
    this.sourceAddress = address;
  }

  aim(address: string, port: number, exclusive: boolean): void {
    if (this.#closed) return;
    if (address === this.#aimedAddress && port === this.#aimedPort && exclusive === this.#exclusive) return;
    this.#all.flush();
    this.#aimedAddress = address;
    this.#aimedPort = port;
    this.#exclusive = exclusive;
    this.#io.aim(this.#id, address, port, exclusive);
  }

  unaim(): void {
    if (this.#aimedPort === 0) return;
    this.#all.flush();
    this.#aimedPort = 0;
    this.#io.unaim(this.#id);
  }

  send(packet: Uint8Array): void {
    if (this.#aimedPort !== 0) this.#all.queue(this.#id, packet);
  }

  close(): void {
    if (this.#closed) return;
    this.#all.flush();
    this.#closed = true;
    this.onPacket = null;
    this.#aimedPort = 0;
    this.#all.forget(this.#id);
    this.#io.closeSocket(this.#id);
  }
}
