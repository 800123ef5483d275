import { expect, test } from 'vitest';
import { loadPacketAddon } from './native-addon.ts';
import { bindWith, choosePacketIo } from './packet-io.ts';

const loaded = loadPacketAddon();

test('auto takes the addon where it was built; elsewhere it tells why not', () => {
  expect(choosePacketIo('dgram').packetIo).toBe('dgram');
  if (loaded.addon !== null) {
    expect(choosePacketIo('auto')).toEqual({ packetIo: 'native', reason: '' });
    expect(choosePacketIo('native')).toEqual(choosePacketIo('auto'));
    return;
  }
  expect(choosePacketIo('auto')).toEqual({ packetIo: 'dgram', reason: loaded.reason });
  expect(() => choosePacketIo('native')).toThrow(loaded.reason);
  expect(() => bindWith('native')).toThrow(loaded.reason);
});
