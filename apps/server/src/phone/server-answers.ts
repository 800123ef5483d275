import { connect } from 'node:net';
import type { Peer } from '@voxology/sip';

const TIME_MS = 3000;

/**
 * Whether a SIP server listens at this address, seen by a TCP connection: over UDP nobody says no, and a person would
 * wait half a minute for nothing.
 */
export function serverAnswers({ address, port }: Peer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: TIME_MS });
    const done = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}
