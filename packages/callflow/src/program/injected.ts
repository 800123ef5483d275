import type { Json } from '../io.ts';
import { isDeeperThan, kindOf } from '../json-value.ts';
import type { LanguageLimits } from '../limits.ts';
import { compileDocument, TooManyActions } from './compile.ts';
import type { Program } from './program.ts';

export type CompiledInjection = { ok: true; program: Program } | { ok: false; message: string };

/** Compiles a list of actions that came from outside a document; its paths begin with `injected`. Never throws. */
export function compileInjected(actions: Json, limits: LanguageLimits): CompiledInjection {
  if (!Array.isArray(actions)) {
    return { ok: false, message: `the actions are ${kindOf(actions)}; a list of actions is expected` };
  }
  if (isDeeperThan(actions, limits.maxDocumentDepth)) {
    return { ok: false, message: `the actions are nested deeper than the ${limits.maxDocumentDepth} levels allowed` };
  }
  // A copy: a program is frozen, what came from outside is not ours to freeze.
  const text = JSON.stringify(actions);
  if (text.length > limits.maxDocumentCharacters) {
    const allowed = `more than the ${limits.maxDocumentCharacters} allowed`;
    return { ok: false, message: `the actions have ${text.length} characters, ${allowed}` };
  }
  const document = { actions: JSON.parse(text) as Json[], flows: null, unknownKeys: [], sizeCharacters: text.length };
  try {
    return { ok: true, program: compileDocument(document, limits.maxActions, 'injected') };
  } catch (error) {
    if (!(error instanceof TooManyActions)) throw error;
    return { ok: false, message: error.message };
  }
}
