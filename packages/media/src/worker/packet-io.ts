import { bindDgramSocket } from './dgram-socket.ts';
import { loadPacketAddon } from './native-addon.ts';
import { NativePacketIo } from './native-packet-io.ts';
import type { BindSocket } from './packet-socket.ts';

/** How packets come and go: by Node's sockets, which work everywhere, or by the addon, which needs less of a core. */
export type PacketIo = 'dgram' | 'native';

/** What is in use, and for `dgram` why it is not the addon. */
export interface PacketIoChoice {
  packetIo: PacketIo;
  reason: string;
}

/**
 * What a wish comes to on this machine; `auto` takes the addon where it can be had.
 *
 * @throws Error when the addon is wished for but cannot be had; the message says why.
 */
export function choosePacketIo(wish: PacketIo | 'auto'): PacketIoChoice {
  if (wish === 'dgram') return { packetIo: 'dgram', reason: 'they are asked for' };
  const loaded = loadPacketAddon();
  if (loaded.addon !== null) return { packetIo: 'native', reason: '' };
  if (wish === 'auto') return { packetIo: 'dgram', reason: loaded.reason };
  throw new Error(`The native packet I/O cannot be used: ${loaded.reason}`);
}

/** The sockets of one worker. */
export function bindWith(packetIo: PacketIo): BindSocket {
  if (packetIo === 'dgram') return bindDgramSocket;
  const loaded = loadPacketAddon();
  if (loaded.addon === null) throw new Error(`The native packet I/O is gone: ${loaded.reason}`);
  const native = new NativePacketIo(loaded.addon);
  return (host, port, bound) => native.bind(host, port, bound);
}
