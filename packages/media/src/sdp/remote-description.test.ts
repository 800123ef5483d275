import { expect, test } from 'vitest';
import { readRemoteDescription } from './remote-description.ts';

test('lines about keys and connectivity are kept, those of the media line first', () => {
  const [audio, video] = readRemoteDescription(
    [
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=-',
      'a=ice-lite',
      'a=fingerprint:sha-256 AA:BB',
      't=0 0',
      'm=audio 4000 RTP/SAVP 0',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc',
      'a=ice-ufrag:x ',
      'a=other:1',
      'm=video 0 RTP/AVP 31',
    ].join('\r\n'),
  );
  const ofSession = [
    { name: 'ice-lite', value: '' },
    { name: 'fingerprint', value: 'sha-256 AA:BB' },
  ];
  expect(audio?.transport).toEqual([
    { name: 'crypto', value: '1 AES_CM_128_HMAC_SHA1_80 inline:abc' },
    { name: 'ice-ufrag', value: 'x' },
    ...ofSession,
  ]);
  expect(video?.transport).toEqual(ofSession);
});
