import type { Input, JsonObject } from '../io.ts';
import { type LoggedCall, readCallLog } from '../simulate/logged-call.ts';
import { MessageLine } from '../simulate/message-line.ts';
import type { MessageScript } from '../simulate/message-script.ts';
import { replayCallLog } from '../simulate/replay-log.ts';
import type { SimulationScript } from '../simulate/script.ts';
import { VirtualLine } from '../simulate/virtual-line.ts';

/** What comes in behind what the line itself would have had come in. */
const LATER_BY_MS = 37;

/** What is done to the call besides its script, and to its log. */
interface Changes {
  /** Something happens, `atMs` after the start. */
  doing?: { atMs: number; input: Input };
  inputs?: (inputs: Input[]) => Input[];
}

/**
 * The log of a call to a flow, as the API gives it: what came in on a line whose times are not those of a simulation, and
 * what was done about it.
 *
 * @param answers for callbacks, in order; then empty ones
 */
export function lineLog(
  answers: readonly (JsonObject | string)[],
  script: SimulationScript = {},
  changes: Changes = {},
): LoggedCall {
  const left = [...answers];
  const line = new VirtualLine(() => left.shift() ?? '', script, 'https://flow.example/');
  return logOf(line, changes);
}

/** The same of a text message to a flow. */
export function messageLog(
  answers: readonly (JsonObject | string | Error)[],
  script: Partial<MessageScript> = {},
  changes: Changes = {},
): LoggedCall {
  const left = [...answers];
  const answer = () => {
    const next = left.shift() ?? '';
    if (next instanceof Error) throw next;
    return next;
  };
  const line = new MessageLine(answer, { text: 'Hello', ...script }, 'https://flow.example/');
  return logOf(line, changes);
}

function logOf(
  line: Pick<VirtualLine, 'advance' | 'take' | 'inputs'>,
  { doing, inputs: change = (inputs) => inputs }: Changes,
): LoggedCall {
  if (doing !== undefined) {
    for (const _ of line.advance(() => false, doing.atMs));
    line.take(doing.input);
  }
  for (const _ of line.advance(() => false));
  const inputs = change(line.inputs).map((input, index) => ({ ...input, atMs: input.atMs + LATER_BY_MS * index }));
  const steps = replayCallLog({ callId: '', steps: inputs.map((input) => ({ input, effects: [] })) });
  const events = steps.flatMap(({ input: { type, atMs, ...data }, effects }) => {
    const time = new Date(atMs).toISOString();
    return [
      { kind: 'input', type, time, data },
      ...effects.map(({ type: did, ...wanted }) => ({ kind: 'effect', type: did, time, data: wanted })),
    ];
  });
  return readCallLog(JSON.parse(JSON.stringify({ call_id: '1@x', events })));
}
