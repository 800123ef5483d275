import type { JsonObject } from '../io.ts';
import type { LanguageLimits } from '../limits.ts';
import type { LintedFlow } from './linted-flow.ts';

export type Severity = 'error' | 'warning';

/** Something wrong, at an offset of the text. */
export interface Complaint {
  offset: number;
  /** Place in the document, e.g. `actions[1].params.loop`; empty for the document itself. */
  path: string;
  message: string;
  /** What to do about it. */
  hint: string;
  /** The rule's own when not given. */
  severity?: Severity;
}

/** What the linter looks for, with its documentation and an example of each kind. */
export interface Rule {
  name: string;
  severity: Severity;
  /** One sentence: what is wrong. */
  summary: string;
  /** Markdown: why it matters, and what the call does about it. */
  description: string;
  /** A document, or its text. */
  bad: JsonObject | string;
  good: JsonObject | string;
  /** True: only of flows for text messages; false: only of flows for calls; both when not given. */
  isForMessages?: boolean;
  /** Looks at the text itself, whether it is a document or not. */
  checkText?(text: string, limits: LanguageLimits): Complaint[];
  /** Looks at a document that could be read. */
  checkFlow?(flow: LintedFlow): Complaint[];
}
