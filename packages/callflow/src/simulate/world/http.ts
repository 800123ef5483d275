import type { Effect } from '../../io.ts';
import type { AnswerHttp } from '../script.ts';
import type { Schedule } from './world.ts';

const NETWORK_MS = 50;

/** Has the script answer a request, at once; the flow hears of it when the network has taken its time. */
export function answerHttp(
  { httpId, method, url, headers, body, wantsAnswer }: Extract<Effect, { type: 'http_request' }>,
  answer: AnswerHttp,
  { later }: Schedule,
): void {
  try {
    const { status: httpStatus = 200, body: given = '' } = answer({ method, url, headers, body });
    if (!wantsAnswer) return;
    const isText = typeof given === 'string';
    const bodyText = isText ? given : JSON.stringify(given);
    const contentType = isText ? 'text/plain' : 'application/json';
    later(NETWORK_MS, httpId, (atMs) => ({ type: 'http_answered', httpId, httpStatus, contentType, bodyText, atMs }));
  } catch (error) {
    if (!wantsAnswer) return;
    const reason = error instanceof Error ? error.message : String(error);
    later(NETWORK_MS, httpId, (atMs) => ({ type: 'http_failed', httpId, reason, atMs }));
  }
}
