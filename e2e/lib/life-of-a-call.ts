/** What happens at each moment of a call: the one source of docs/life-of-a-call.md and of the tests that show it. */
interface Moment {
  moment: string;
  /** Markdown. */
  what: string;
  /** Names of the end-to-end tests. */
  shownBy: readonly string[];
}

/** A call of ours that nobody answers. */
export interface Unanswered {
  name: string;
  /** The final response to our INVITE; null: it rings until `timeoutSec`. */
  response: number | null;
  timeoutSec: number;
  status: 'busy' | 'no-answer' | 'failed';
  hangupEnd: 'caller' | 'api';
  /** In the call's record. */
  error: RegExp | null;
}

export const UNANSWERED: readonly Unanswered[] = [
  { name: 'busy (486)', response: 486, timeoutSec: 20, status: 'busy', hangupEnd: 'caller', error: null },
  { name: 'busy everywhere (600)', response: 600, timeoutSec: 20, status: 'busy', hangupEnd: 'caller', error: null },
  { name: 'unavailable (480)', response: 480, timeoutSec: 20, status: 'no-answer', hangupEnd: 'caller', error: null },
  { name: 'declined (603)', response: 603, timeoutSec: 20, status: 'failed', hangupEnd: 'caller', error: /603/ },
  {
    name: 'ringing until the timeout',
    response: null,
    timeoutSec: 2,
    status: 'no-answer',
    hangupEnd: 'api',
    error: null,
  },
];

/** The name of its end-to-end test. */
export function testOfUnanswered({ name, status }: Unanswered): string {
  return `outbound ${name}: ${status}`;
}

export const MOMENTS: readonly Moment[] = [
  {
    moment: 'INVITE in',
    what: '`100` at once. A trunk (by its source address) or an authenticated SIP user who dials an unknown number: `404`. Any other source: the same `401` challenge whatever the number, SHA-256 first and MD5 second; `403` after `security.auth_failures` wrong passwords. A number without a callback: `480`, with a row in the log. Emergency numbers: `403`',
    shownBy: [
      'an unknown number: 404 for a user who proved who he is',
      'challenges are byte for byte the same whatever the number',
      'no credentials: the same challenge for a number that exists and one that does not',
      'a number without a callback: 480',
      'an emergency number is refused',
    ],
  },
  {
    moment: 'no room',
    what: '`503` with `Retry-After` when `limits.max_calls` calls are up, when the RTP ports are used up, or while the server is stopping',
    shownBy: ['Ctrl-C drains: the live call is heard to its end, new ones are refused'],
  },
  {
    moment: 'no codec in common',
    what: '`488`, with a row in the log and an `end_call`',
    shownBy: ['a phone that offers no codec of ours: 488'],
  },
  {
    moment: 'before the answer',
    what: '`answer_on_ring: 1`: `200` at once, then the first callback. `0` (default): `180` while the callback is pending, `200` before the first action that needs audio. HANGUP: `603`; REJECT: `486`, `603`, `480` or `404` by its reason; both status `canceled`. A flow that only waits lets the call ring for three minutes. The caller gives up: `487`, status `canceled`',
    shownBy: [
      'callbacks: answer_on_ring answers before the first callback is answered',
      'HANGUP before the answer declines: 603',
      'the caller gives up before the answer: 487, canceled, end_call',
    ],
  },
  {
    moment: 'Make Call, DIAL',
    what: "`call.no` is an E.164 number, a SIP user or a `sip:` URI. The account's own numbers and users are reached on-net, the rest through trunks. All phones of a user ring; the first answer wins. `timeout` seconds without an answer: CANCEL, `no-answer`. `486`, `600`: `busy`. `408`, `480`, no response, no phone registered: `no-answer`. Any other final response: `failed`, with the code in the log's `error`. With no line free the request gets `503`, above `limits.max_calls_per_second` `429`. A `200` that crosses our CANCEL: ACK, BYE, `canceled`",
    shownBy: [
      ...UNANSWERED.map(testOfUnanswered),
      'outbound to a user who is not registered: no-answer',
      'outbound: an answer that crosses our CANCEL is hung up, canceled',
      'on-net: Make Call to a number of our own runs both flows',
    ],
  },
  {
    moment: 'answer',
    what: 'the first callback, `init_call` (outbound: on the answer; inbound: see above). `connect_time_sec` runs, and so does `max_call_time` (milliseconds; at most `limits.max_call_time_ms`, 4 hours)',
    shownBy: ['callbacks: an outbound call, its session data and the log', 'outbound: max_call_time ends the call'],
  },
  {
    moment: 'TRANSFER',
    what: "the second leg is dialled like a call of our own (permissions, rate limit, emergency numbers) and offered the first leg's codec. The caller's number is shown, unless `caller_id_no` names another. A caller who is not answered yet hears the callee ring (`180`) or its early media (`183`; of several phones the first that sends some, when that declines the next, else ringing), and is answered when the callee answers. `timeout` without an answer, `486`, `603` …: `$transferStatus`, and the flow goes on. Either side may hold and resume. The callee hangs up: the flow goes on. The caller hangs up: the callee gets a BYE",
    shownBy: [
      'transfer: both hear each other; when the far side hangs up the flow goes on',
      'transfer: early media of the far side is heard before anybody answers',
      'transfer: the phone that is heard declines: the next that sends sound is heard, then ringing',
      'transfer: hold and resume, * ends it, keys go to the far side',
      'transfer: the caller hangs up, and so is the far side',
    ],
  },
  {
    moment: 'CONFERENCE',
    what: "rooms are the application's own. A full room refuses; a lone participant hears hold music; `end_on_exit` sends all others on with their flows",
    shownBy: [
      'conference: a full room turns away, also those who come at the same moment',
      'conference: who is alone hears music until somebody comes',
      'conference: end_on_exit lets all others go on to their next action',
    ],
  },
  {
    moment: 'a browser',
    what: 'a user registered over WebSocket is reached over that connection alone; when it closes the phone is gone at once (`no-answer`). Its media is WebRTC: ICE lite, DTLS-SRTP; the call ends when it has not asked for media for `media.ice_consent_s`. Keys count as RFC 4733 events and as SIP INFO (`application/dtmf-relay`, `application/dtmf`), on any call. A user whose phones are of both kinds is rung on all of them, each with an offer that it can answer',
    shownBy: [
      'browser: registers, calls hello-world and hears it',
      'browser: is rung by Make Call, answers and is heard',
      'mixed phones: desk phone and browser both ring; the browser answers',
    ],
  },
  {
    moment: 'while it is up',
    what: 'a list of actions that is used up is followed by a `live_call` callback to the configured URL',
    shownBy: ['callbacks: POST, init_call, live_call and end_call of an inbound call field by field'],
  },
  {
    moment: 'end',
    what: 'one row in the log and one `end_call` for every call, answered or not. `hangup_end` is `caller` when the remote party ended it, `api` when we did; `connect_time_sec` counts from the answer, `duration` from `start_time`',
    shownBy: [
      'outbound: the phone hangs up',
      'the caller hangs up during a prompt',
      'the caller hangs up during a callback',
    ],
  },
  {
    moment: '`end_call` not taken',
    what: 'tried again for about a day, with growing pauses, also over restarts',
    shownBy: ['kill -9 in the middle of a call: BYE, closed record, end_call after the restart'],
  },
  {
    moment: 'Ctrl-C',
    what: 'no new calls; live ones get `limits.drain_s` seconds, then a BYE; every row is written. A second Ctrl-C ends the process at once',
    shownBy: [
      'Ctrl-C drains: the live call is heard to its end, new ones are refused',
      'a second Ctrl-C stops at once',
    ],
  },
  {
    moment: 'start after a crash',
    what: 'the dialogs that were up get a BYE, their rows are closed with status `failed`, the reason and the last moment they were known to be up, their `end_call` goes out',
    shownBy: [
      'kill -9 in the middle of a call: BYE, closed record, end_call after the restart',
      'transfer: kill -9 in the middle: after the restart both parties get a BYE',
    ],
  },
  {
    moment: 'no audio from the remote party',
    what: 'after `media.rtp_timeout_s` without a packet, while the remote party may send (not on hold): BYE, status `failed`',
    shownBy: [],
  },
];

/** docs/life-of-a-call.md. */
export function lifeOfACall(): string {
  const rows = MOMENTS.map(({ moment, what }) => `| ${moment} | ${what} |`);
  const ends = UNANSWERED.map(({ name, status, hangupEnd, error }) => {
    return `| ${name} | \`${status}\` | \`${hangupEnd}\` | ${error === null ? 'none' : 'names the response'} |`;
  });
  const shown = MOMENTS.flatMap(({ moment, shownBy }) => [
    `- ${moment}: ${shownBy.length === 0 ? 'unit tests only' : shownBy.map((name) => `“${name}”`).join('; ')}`,
  ]);
  return [
    '# The life of a call',
    '',
    '| moment | what happens |',
    '|---|---|',
    ...rows,
    '',
    '## Calls that nobody answers',
    '',
    '| the remote party | `status` | `hangup_end` | `error` of the record |',
    '|---|---|---|---|',
    ...ends,
    '',
    '## Shown by',
    '',
    'End-to-end tests, each run with `npm run e2e -- "NAME"`:',
    '',
    ...shown,
    '',
  ].join('\n');
}
