export { type FlowDocument, parseDocument } from './document/document.ts';
export { defaultFlowSettings } from './flow-settings.ts';
export { createInterpreter, type Interpreter, type StepResult } from './interpreter/interpreter.ts';
export { type Replayed, replay } from './interpreter/replay.ts';
export type { State as InterpreterState } from './interpreter/state.ts';
export type * from './io.ts';
export { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from './limits.ts';
export { compileDocument } from './program/compile.ts';
export type { CompileWarning, Instruction, Program } from './program/program.ts';
