import type { PacketSource } from './packet-source.ts';

/** What is sent when nothing plays: some far ends and NATs take a stream that stops for a call that ended. */
export const SILENCE: PacketSource = {
  sendPacket(sender, timestamp, first) {
    sender.sendSilence(timestamp, first);
    return true;
  },
};
