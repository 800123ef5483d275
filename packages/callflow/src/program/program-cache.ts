import { type DocumentFault, parseDocument } from '../document/document.ts';
import type { LanguageLimits } from '../limits.ts';
import { compileDocument, TooManyActions } from './compile.ts';
import type { Program } from './program.ts';

export type Loaded = { ok: true; program: Program } | { ok: false; fault: DocumentFault };

/** Compiles callback answers, and keeps those used last: a static flow is compiled once, not once per call. */
export class ProgramCache {
  readonly #limits: LanguageLimits;
  readonly #kept = new Map<string, Loaded>();
  #keptCharacters = 0;

  constructor(limits: LanguageLimits) {
    this.#limits = limits;
  }

  /** The program of a callback answer, or what is wrong with it. Never throws. */
  load(bodyText: string): Loaded {
    const kept = this.#kept.get(bodyText);
    if (kept !== undefined) {
      this.#kept.delete(bodyText);
      this.#kept.set(bodyText, kept);
      return kept;
    }
    const loaded = this.#compile(bodyText);
    this.#keep(bodyText, loaded);
    return loaded;
  }

  #compile(bodyText: string): Loaded {
    const parsed = parseDocument(bodyText, this.#limits);
    if (!parsed.ok) return parsed;
    try {
      return { ok: true, program: compileDocument(parsed.document, this.#limits.maxActions) };
    } catch (error) {
      if (!(error instanceof TooManyActions)) throw error;
      return { ok: false, fault: { message: error.message, line: null, column: null } };
    }
  }

  #keep(bodyText: string, loaded: Loaded): void {
    const { maxCachedPrograms, maxCachedCharacters } = this.#limits;
    if (maxCachedPrograms <= 0 || bodyText.length > maxCachedCharacters) return;
    this.#kept.set(bodyText, loaded);
    this.#keptCharacters += bodyText.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxCachedPrograms && this.#keptCharacters <= maxCachedCharacters) return;
      this.#kept.delete(oldest);
      this.#keptCharacters -= oldest.length;
    }
  }
}
