import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { CallInfo, Effect, FlowEvent, IncomingMessage, Json } from '../io.ts';

const NO_PLACE = { city: '', region: '', country: '', timezone: '' };
const URL_ASKED = 'https://example.com/';

const CALL: CallInfo = {
  callId: '',
  appId: '',
  subaccountId: '0',
  direction: 'inbound',
  callerNo: '',
  callerPlace: NO_PLACE,
  apiNo: '',
  apiPlace: NO_PLACE,
  startTimeMs: 0,
  customData: {},
  sipDomain: '',
  sipForwardedFor: '',
};

const MESSAGE: IncomingMessage = {
  type: 'sms',
  text: '',
  media: [],
  keyword: { word: 'HELP', type: 'Help' },
  apiRateCenter: '',
};

/** What an answered call did at its first document, before any time passed. */
interface Probed {
  effects: Effect[];
  events: FlowEvent[];
}

let interpreter: Interpreter | null = null;

/** Runs actions on a call that nobody makes, or a message that nobody writes, until it first waits for something. */
function probe(actions: readonly Json[], message?: IncomingMessage): Probed {
  interpreter ??= createInterpreter({ limits: { maxCachedPrograms: 0 } });
  const settings = defaultFlowSettings({ url: URL_ASKED, method: 'POST', contentType: 'application/json' });
  const bodyText = JSON.stringify({ actions });
  let state = interpreter.step(interpreter.initialState(), {
    type: 'start',
    atMs: 0,
    call: CALL,
    settings: { ...settings, answerOnRing: true },
    sessionData: null,
    seed: 0,
    ...(message === undefined ? {} : { message }),
  }).state;
  if (message === undefined) state = interpreter.step(state, { type: 'answered', atMs: 0 }).state;
  return interpreter.step(state, { type: 'callback_answered', atMs: 0, requestId: 'r1', httpStatus: 200, bodyText });
}

/** What becomes of the list when an action has been started: it goes on, perhaps later, or never. */
export type Afterwards = 'goes_on' | 'waits' | 'call_ends' | 'asks_elsewhere' | 'list_ends';

/**
 * Starts an action on a call that nobody makes and looks what follows. The variables it reads hold a web address, so
 * that an address made from variables counts as good.
 */
export function afterwards(entry: Json, reads: readonly (readonly string[])[]): Afterwards {
  const given = reads.map((path) => [`$${path.join('.')}`, `'${URL_ASKED}given'`]);
  const { effects, events } = probe([Object.fromEntries(given) as Json, entry, { $wentOn: '1' }]);
  if (events.some(({ type, data }) => type === 'variable_set' && data.name === 'wentOn')) return 'goes_on';
  for (const effect of effects) {
    if (effect.type === 'hang_up') return 'call_ends';
    if (effect.type === 'request_callback') return effect.target.url === URL_ASKED ? 'list_ends' : 'asks_elsewhere';
  }
  // The list is over when the action has ended and nothing followed; else the action is still under way.
  return events.some(({ type, path }) => type === 'action_ended' && path === 'actions[1]') ? 'list_ends' : 'waits';
}

/** Those of the names that the language itself gives a value, in a call or for a message. */
export function nativeAmong(names: readonly string[]): Set<string> {
  const kinds = Object.fromEntries(names.map((name, index) => [`$kind${index}`, `typeof $${name}`]));
  const events = [probe([kinds]), probe([kinds], MESSAGE)].flatMap((probed) => probed.events);
  const native = new Set<string>();
  for (const { type, data } of events) {
    const name = names[Number(/^kind(\d+)$/.exec(String(data.name))?.[1])];
    if (type === 'variable_set' && name !== undefined && data.value !== 'undefined') native.add(name);
  }
  return native;
}

/** The language's own variables: the fields of a callback in camel case, and the time since the answer. */
export function nativeNames(): string[] {
  const { effects } = probe([{ type: 'REDIRECT', params: { url: `${URL_ASKED}next` } }]);
  const [request] = effects.filter((effect) => effect.type === 'request_callback');
  const fields = Object.keys(request?.body ?? {});
  const names = fields.map((field) => field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return ['callTime', ...nativeAmong(names)];
}
