import type { Json } from '../io.ts';

/**
 * One instruction of a compiled document. `op` is an action's type, or one of the three that only steer: `JUMP` (to
 * `next`), `LIST_END` (the nested list is over), `END` (the document's list is over).
 */
export type Instruction = {
  op: string;
  /** Where it stands in the document, e.g. `actions[1].then[0]`. */
  path: string;
  /** The action's type for people; null for what is no action of its own. */
  action: string | null;
  /** The instruction that follows when the action has run. */
  next: number;
  args: Json;
};

/** Something doubtful found while compiling. Never fatal. */
export type CompileWarning = {
  path: string;
  action: string | null;
  message: string;
};

/** Where a named sub-flow stands: its first instruction and its `LIST_END`. */
export type FlowRange = { from: number; to: number };

/** A document as a flat list of instructions. A JSON value, frozen, shared by all calls that run it. */
export type Program = {
  /** The document's list and its `END`, then each sub-flow and its `LIST_END`. */
  instructions: Instruction[];
  /** Index of the `END`. */
  end: number;
  /** The sub-flows by name; ask with `Object.hasOwn`. */
  flows: { [name: string]: FlowRange };
  /** The document's own list has no entry. */
  isEmpty: boolean;
  actionCount: number;
  sizeCharacters: number;
  warnings: CompileWarning[];
};
