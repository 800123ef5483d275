import { EventEmitter } from 'node:events';
import type { Bridge } from '@voxology/media';
import type { Dialog } from '@voxology/sip';
import { expect, test } from 'vitest';
import { asSession, FakeSession } from '../testing/fake-session.ts';
import { bridgeLegs } from './bridged-legs.ts';
import { DialogMedia } from './dialog-media.ts';
import type { Leg } from './leg.ts';

test('keys that come by INFO reach the other side while they are bridged', () => {
  const posted: string[] = [];
  const side = (name: string) => {
    const session = new FakeSession(name);
    const media = new DialogMedia({
      session: asSession(session),
      post: ({ type }) => void posted.push(`${name} ${type}`),
      onLost: () => undefined,
      onRetarget: () => undefined,
    });
    const dialog = new EventEmitter();
    media.attach(dialog as unknown as Dialog);
    const leg = { session: asSession(session), passKeysTo: media.passKeysTo.bind(media) } as unknown as Leg;
    return { leg, session, press: (digit: string) => void dialog.emit('digit', { digit, durationMs: 100 }) };
  };
  const [near, far] = [side('near'), side('far')];
  const bridge = bridgeLegs({ bridge: () => ({ close: () => undefined }) as unknown as Bridge }, near.leg, far.leg);
  near.press('5');
  far.press('7');
  bridge.close();
  near.press('6');
  expect([near.session.acts, far.session.acts]).toEqual([['forward 7'], ['forward 5']]);
  expect(posted).toEqual(['near digit', 'far digit', 'near digit']);
});
