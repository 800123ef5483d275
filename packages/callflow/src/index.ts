export { type FlowDocument, parseDocument } from './document/document.ts';
export { defaultFlowSettings } from './flow-settings.ts';
export { flowGraph } from './graph/flow-graph.ts';
export { flowSvg } from './graph/flow-svg.ts';
export { createInterpreter, type Interpreter, type StepResult } from './interpreter/interpreter.ts';
export { type Replayed, replay } from './interpreter/replay.ts';
export type { State as InterpreterState } from './interpreter/state.ts';
export type * from './io.ts';
export { keywordOf, OPTED_OUT } from './keyword/keyword.ts';
export { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from './limits.ts';
export { type Finding, type LintOptions, lintDocument } from './lint/lint.ts';
export { lintReference } from './lint/lint-reference.ts';
export type { Severity } from './lint/rule.ts';
export { compileDocument } from './program/compile.ts';
export type { CompileWarning, Instruction, Program } from './program/program.ts';
export { languageReference } from './reference/language-reference.ts';
export { flowJsonSchema } from './schema/flow-json-schema.ts';
export { KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION } from './schema/schema-version.ts';
export { type LoggedCall, type LoggedStep, type ReplayedStep, readCallLog } from './simulate/logged-call.ts';
export type {
  AnswerMessageCallback,
  MessageScript,
  SentMessage,
  SimulatedMessageCallback,
  SimulatedMessageRequest,
} from './simulate/message-script.ts';
export { replayCallLog } from './simulate/replay-log.ts';
export {
  type AnswerCallback,
  type AnswerHttp,
  type CallerAct,
  estimatedDurationMs,
  type SimulatedAgent,
  type SimulatedAnswer,
  type SimulatedCallback,
  type SimulatedConference,
  type SimulatedQueue,
  type SimulatedRecording,
  type SimulatedRequest,
  type SimulatedStream,
  type SimulatedTransfer,
  type SimulationScript,
  type TranscriptEntry,
} from './simulate/script.ts';
export { type SimulatedCall, type SimulatedServerCall, simulate } from './simulate/simulate.ts';
export { type SimulatedLog, simulateCallLog } from './simulate/simulate-log.ts';
export { type SimulatedMessage, simulateMessage } from './simulate/simulate-message.ts';
export type { ExpectedEnd, LiveCommand } from './simulate/simulated-call.ts';
export { SimulationError } from './simulate/simulation.ts';
export { type Paint, transcriptText } from './simulate/transcript.ts';
