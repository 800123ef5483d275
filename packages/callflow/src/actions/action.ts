import type { Step } from '../interpreter/step.ts';
import type {
  CallbackTarget,
  CalleeLeg,
  ConferenceInput,
  DetectionInput,
  Input,
  Json,
  JsonObject,
  MessageInput,
  QueueInput,
  RecordingInput,
  SpeechInput,
  StreamInput,
  TranscriptionInput,
  TransferInput,
} from '../io.ts';
import type { Warn } from '../parameters/compile.ts';
import type { ParameterSchema } from '../parameters/parameter.ts';
import type { Instruction } from '../program/program.ts';

/** What may concern something that goes on after its action: a recording, a stream … */
export type BackgroundInput = At &
  (
    | TransferInput
    | ConferenceInput
    | RecordingInput
    | StreamInput
    | DetectionInput
    | TranscriptionInput
    | MessageInput
    | QueueInput
    | { type: 'timer'; timerId: string }
  );
type At = Pick<Input, 'atMs'>;

/**
 * What an action under way may be told. Ids tell whether it is meant. `voice_free`: no event speaks any more.
 * `heard_again`: somebody else was listened for meanwhile, and what the caller said then is lost to it.
 */
export type ActionInput =
  | (At & { type: 'voice_free' })
  | (At & CalleeDone)
  | (At & { type: 'heard_again'; listenId: string })
  | Extract<
      Input,
      {
        type:
          | 'digit'
          | 'playback_ended'
          | 'playback_failed'
          | 'digits_sent'
          | 'conference_command'
          | SpeechInput['type']
          | BackgroundInput['type'];
      }
    >;

/** The list that a callee of a TRANSFER was to hear has run: what it pressed or said in the last COLLECT of it, or that it ended in HANGUP. */
export type CalleeDone = {
  type: 'callee_done';
  leg: CalleeLeg;
  isDeclined: boolean;
  keyPresses: string;
  speech: string;
  isCollectValid: boolean;
};

/** What an action wants next. `wait` is its own memory until the next input, a JSON value but null. */
export type Outcome<Wait extends Json> =
  | { kind: 'continue' }
  | { kind: 'jump'; to: number }
  /** `interrupt`: the nested list this action started is cut short. */
  | { kind: 'wait'; wait: Wait; interrupt?: boolean }
  /** The nested list this action started is cut short; then `onListEnded` is asked, as at its end. */
  | { kind: 'cut'; wait: Wait }
  /**
   * Runs the list between two places, with variables of its own; then `onListEnded` of the action is asked. Out of a
   * `flow` there is RETURN.
   */
  | { kind: 'enter'; from: number; to: number; wait: Wait; locals?: JsonObject; as?: 'flow' }
  /** Ends the innermost sub-flow, or the whole list when there is none. */
  | { kind: 'return' }
  /** Leaves the document: on to the next callback. */
  | { kind: 'leave' }
  | { kind: 'redirect'; target: CallbackTarget }
  /** `sipStatus` answers a call that is not answered yet; null leaves it to the driver. */
  | { kind: 'hang_up'; reason: string; sipStatus: number | null };

export const CONTINUE: { kind: 'continue' } = Object.freeze({ kind: 'continue' });

/** A compiled instruction with the arguments of its action. */
export type InstructionOf<Args extends Json> = Instruction & { args: Args };

/** How an action behaves while a call runs. Pure: everything it does goes through the step and the outcome. */
export interface Behaviour<Args extends Json, Wait extends Json> {
  /** The call is answered before the action starts. */
  needsMedia: boolean;
  /** Time always passes in it, also when the linter cannot see that. */
  takesTime?: true;
  /** Whoever interrupts or waits for what runs in its nested list means the action as a whole. */
  isOneWithItsList?: true;
  /** While this holds, whoever cuts short what runs in its nested list from outside means the action as a whole. */
  isCutWhole?(wait: Wait): boolean;
  start(step: Step, instruction: InstructionOf<Args>): Outcome<Wait>;
  /** Null when the input is not meant for it. */
  onInput?(step: Step, instruction: InstructionOf<Args>, wait: Wait, input: ActionInput): Outcome<Wait> | null;
  /** The list it started has run to its end. Without this the action is over then. */
  onListEnded?(step: Step, instruction: InstructionOf<Args>, wait: Wait): Outcome<Wait>;
  /** Cut short by a jump, a barge-in or the end of the call: puts everything away that it started. */
  abandon?(step: Step, instruction: InstructionOf<Args>, wait: Wait): void;
}

/** What the compiler offers to an action being compiled. Paths are those of the document. */
export interface ActionCompiler {
  readonly path: string;
  warn: Warn;
  /** Adds an instruction that `next`s to the one after it; fields may still be changed until the program is done. */
  emit<Args extends Json>(args: Args, at?: { path: string; op: string }): InstructionOf<Args>;
  /** Index of the next instruction to be emitted. */
  here(): number;
  /** Names of the document's sub-flows. */
  readonly flowNames: readonly string[];
  /**
   * Compiles a nested list; a `region` runs as a frame of its own and nobody jumps into it. `within` is the object that
   * holds the list when it is not the action itself.
   */
  list(key: string, kind: 'branch' | 'region', within?: { entry: JsonObject; path: string }): void;
  label(name: string): void;
  goto(instruction: Instruction, label: string, setTarget: (target: number) => void): void;
}

/** An action of the language: the one source of its schema, its documentation, its compilation and its behaviour. */
export interface ActionDefinition<Args extends Json, Wait extends Json> {
  /** As written in `type`. */
  type: string;
  summary: string;
  /** Markdown. */
  description: string;
  example: JsonObject;
  /** Entries of `params`. */
  parameters: ParameterSchema;
  /** Keys beside `type` and `params`, with their documentation. */
  fields: { readonly [name: string]: string };
  /** It also runs for a text message, where there is no call. */
  forMessages?: true;
  /** It also runs on the leg of a callee of TRANSFER or QUEUE, before that is connected. */
  forCallees?: true;
  /** Those of the fields without which it has nothing to do. */
  needs?: readonly string[];
  /** What may stand in its field `events`. */
  events?: readonly string[];
  /** JSON Schemas of the fields that are no lists of actions and no events, where there is something to say. */
  shapes?: { readonly [field: string]: JsonObject };
  compile(entry: JsonObject, compiler: ActionCompiler): void;
  behaviour: Behaviour<Args, Wait>;
  /** Told what no action under way is meant by; true when it was for something the action left behind. */
  onBackground?(step: Step, input: BackgroundInput): boolean;
}

/** A definition whose argument and wait types are its own business; the registry holds these. */
export type AnyAction = ActionDefinition<Json, Json>;

/**
 * Checks a definition's types and hides them: an instruction only ever meets the behaviour of the action that emitted
 * it, and a wait only the behaviour that returned it.
 */
export function defineAction<Args extends Json, Wait extends Json>(
  definition: ActionDefinition<Args, Wait>,
): AnyAction {
  return definition as unknown as AnyAction;
}
