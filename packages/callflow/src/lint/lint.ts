import { parseDocument } from '../document/document.ts';
import { placesIn } from '../document/json-place.ts';
import { looksLikeYaml, parseYaml } from '../document/yaml.ts';
import { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from '../limits.ts';
import { compileDocument, TooManyActions } from '../program/compile.ts';
import type { Program } from '../program/program.ts';
import { lintedFlow } from './linted-flow.ts';
import { type PlacedJson, placesOf } from './placed-json.ts';
import { placesOfYaml } from './placed-yaml.ts';
import type { Complaint, Rule, Severity } from './rule.ts';
import { RULES } from './rules.ts';

/** One thing the linter found. Line and column count from 1; columns are UTF-16 units, as editors show them. */
export interface Finding {
  /** Name of the rule, as in docs/lint-rules.md. */
  rule: string;
  /** An error: the call does not do what is written. A warning: it most likely does not do what was meant. */
  severity: Severity;
  message: string;
  /** Place in the document, e.g. `actions[1].params.loop`; empty for the document itself. */
  path: string;
  line: number;
  column: number;
  /** What to do about it. */
  hint: string;
}

export interface LintOptions {
  /** Bounds of the documents; what is not given is the interpreter's default. */
  limits?: Partial<LanguageLimits>;
  /** The flow is for text messages, where there is no call. */
  sms?: boolean;
}

/** Looks for what is wrong, or most likely not meant, in the text of a call flow. Never throws; in order of place. */
export function lintDocument(text: string, options: LintOptions = {}): Finding[] {
  const limits = { ...DEFAULT_LANGUAGE_LIMITS, ...options.limits };
  const found: { rule: Rule; complaint: Complaint }[] = [];
  const rules = RULES.filter(({ isForMessages = options.sms === true }) => isForMessages === (options.sms === true));
  for (const rule of rules) {
    for (const complaint of rule.checkText?.(text, limits) ?? []) found.push({ rule, complaint });
    // The rules after it would tell of the same fault in other words.
    if (found.length > 0) break;
  }
  if (found.length === 0) {
    found.push(...lintActions(text, limits, rules));
  }
  // Editors do not show a byte order mark.
  const markLength = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const placeIn = placesIn(text.slice(markLength));
  const placeAt = (offset: number) => placeIn(Math.max(0, offset - markLength));
  return found
    .sort((a, b) => a.complaint.offset - b.complaint.offset)
    .map(({ rule, complaint: { offset, path, message, hint, severity } }) => ({
      rule: rule.name,
      severity: severity ?? rule.severity,
      message,
      path,
      ...placeAt(offset),
      hint,
    }));
}

function lintActions(
  text: string,
  limits: LanguageLimits,
  rules: readonly Rule[],
): { rule: Rule; complaint: Complaint }[] {
  const parsed = parseDocument(text, limits);
  if (!parsed.ok) return [];
  let program: Program;
  try {
    program = compileDocument(parsed.document, limits.maxActions);
  } catch (error) {
    if (!(error instanceof TooManyActions)) throw error;
    const complaint = { offset: 0, path: '', message: error.message, hint: 'Split it over several documents.' };
    return rules.filter(({ name }) => name === 'no-action-list').map((rule) => ({ rule, complaint }));
  }
  const flow = lintedFlow(text, placedIn(text, limits), parsed.document, program.warnings);
  return rules.flatMap((rule) => (rule.checkFlow?.(flow) ?? []).map((complaint) => ({ rule, complaint })));
}

/** The places of the values of a document that could be read. */
function placedIn(text: string, limits: LanguageLimits): PlacedJson {
  // Offsets in the text behind a byte order mark would all be one short.
  const plain = text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text;
  if (!looksLikeYaml(text)) return placesOf(plain);
  const yaml = parseYaml(text, limits);
  if (!yaml.ok || yaml.root === null) throw new TypeError('what was read as YAML before is none now');
  return placesOfYaml(yaml.root);
}
