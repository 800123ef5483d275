import type { Effect, FlowEvent, Json } from '../io.ts';
import type { TranscriptEntry } from './script.ts';

type Told = Omit<TranscriptEntry, 'atMs'>;

const LONGEST_VALUE = 80;

/** What one step of the interpreter has to tell a reader, in the order in which it happened. */
export function narrate(all: readonly FlowEvent[], effects: readonly Effect[]): Told[] {
  const events = all.filter((event) => !isSaidAgain(event, all));
  const told = events.flatMap(tell);
  const paths = new Set(told.map(({ path }) => path));
  const isHeard = effects.some(({ type }) => type === 'play' || type === 'hang_up');
  const lastStarted = events.findLast(({ type }) => type === 'action_started');
  return events.flatMap((event): Told[] => {
    if (event.type !== 'action_started') return tell(event);
    // An action that says more by itself, or is heard, needs no line of its own.
    if (paths.has(event.path) || (isHeard && event === lastStarted)) return [];
    const text = onLeg(event, event.action ?? event.message);
    return [{ type: 'does', text, path: event.path, data: {} }];
  });
}

/** A document that ends the flow is told of twice: as rejected, and as the error that ends it. */
function isSaidAgain({ type, message }: FlowEvent, events: readonly FlowEvent[]): boolean {
  return type === 'document_rejected' && events.some((other) => other.type === 'error' && other.message === message);
}

function tell(event: FlowEvent): Told[] {
  const { type, path, message, data } = event;
  const entry = (kind: TranscriptEntry['type'], text: string): Told[] => [
    { type: kind, text: onLeg(event, text), path, data },
  ];
  switch (type) {
    case 'document_loaded':
    case 'action_started':
    case 'action_ended':
      return [];
    case 'branch_taken':
      return entry('branch', withBranch(message, data.branch));
    case 'variable_set':
      return entry(
        'sets',
        Object.hasOwn(data, 'value') ? `$${String(data.name)} = ${shown(data.value ?? null)}` : message,
      );
    case 'digits_collected':
      return entry('collected', data.name === null ? message : `${String(data.name)}: ${message}`);
    case 'digit_ignored':
    case 'warning':
      return entry('warning', message);
    case 'document_rejected':
    case 'error':
      return entry('error', message);
    default:
      return entry('does', message);
  }
}

/** What happens on the leg of a callee is told with its number. */
function onLeg({ data }: FlowEvent, text: string): string {
  return data.callee === undefined ? text : `${String(data.callee)}: ${text}`;
}

/** `$keyPresses == '1' is true → then`; a message that names its branch is left as it is. */
function withBranch(message: string, branch: Json | undefined): string {
  return typeof branch !== 'string' || message.endsWith(branch) ? message : `${message} → ${branch}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
