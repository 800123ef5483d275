import { EventEmitter } from 'node:events';
import type { MediaSession } from '@voxology/media';
import { beforeEach, expect, test, vi } from 'vitest';
import { asSession, FakeSession } from '../testing/fake-session.ts';
import { Fork, type OfferedCall } from './fork.ts';

/** A phone that rings; what it says is emitted by the test. */
class Phone extends EventEmitter {
  readonly session: MediaSession;
  readonly cancel = vi.fn();

  constructor(session: MediaSession) {
    super();
    this.session = session;
  }

  get offered(): OfferedCall {
    return { call: this as unknown as OfferedCall['call'], session: this.session };
  }
  rings(sdp: string | null): void {
    this.emit('progress', { status: sdp === null ? 180 : 183, sdp });
  }
  fails(status: number): void {
    this.emit('failed', { status, reason: '', crossed: false });
  }
}

const [PLAIN, SECURE] = [asSession(new FakeSession('plain')), asSession(new FakeSession('secure'))];
let desk: Phone;
let kitchen: Phone;
let browser: Phone;
let fork: Fork;
const heard = vi.fn();

beforeEach(() => {
  heard.mockReset();
  [desk, kitchen, browser] = [new Phone(PLAIN), new Phone(PLAIN), new Phone(SECURE)];
  fork = new Fork([desk.offered, kitchen.offered, browser.offered]);
});

test('one that declines tells whether its media is of use to another still', () => {
  fork.on('declined', ({ unused }) => heard(unused));
  fork.on('failed', ({ status }) => heard(status));
  desk.fails(480);
  kitchen.fails(486);
  browser.fails(480);
  expect(heard.mock.calls).toEqual([[null], [PLAIN], [486]]);
});

test('a 6xx speaks for all: nobody is told of one that declined', () => {
  fork.on('declined', () => heard('declined'));
  fork.on('failed', ({ status }) => heard(status));
  desk.fails(603);
  expect(heard.mock.calls).toEqual([[603]]);
  expect(browser.cancel).toHaveBeenCalled();
});

test('an answer without SDP means what this phone sent before, not what another did', () => {
  fork.on('answered', ({ sdp }) => heard(sdp));
  desk.rings('of the desk');
  kitchen.rings('of the kitchen');
  kitchen.rings(null);
  kitchen.emit('answered', { dialog: {}, sdp: null });
  expect(heard.mock.calls).toEqual([['of the kitchen']]);
});
