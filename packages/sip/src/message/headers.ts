import { canonicalName, type HeaderName } from './header-names.ts';
import { splitList } from './split-list.ts';

/**
 * The header fields of one message, in their order. Names compare without regard to case and compact forms are
 * expanded (`v` is `Via`). Values are text as received: unfolded, trimmed, not interpreted.
 */
export class SipHeaders implements Iterable<[name: string, value: string]> {
  readonly #names: HeaderName[] = [];
  readonly #values: string[] = [];

  /** Headers from pairs, in order. */
  static from(entries: Iterable<readonly [name: string, value: string]>): SipHeaders {
    const headers = new SipHeaders();
    for (const [name, value] of entries) headers.append(name, value);
    return headers;
  }

  /** Number of header lines. */
  get size(): number {
    return this.#names.length;
  }

  /** The first value, for a list header (Via, Route, Contact …) its first element; `undefined` when absent. */
  get(name: string): string | undefined {
    const { key, isList } = canonicalName(name);
    for (let index = 0; index < this.#names.length; index++) {
      if (this.#names[index]?.key !== key) continue;
      const value = this.#values[index];
      if (!isList || value === undefined || !value.includes(',')) return value;
      const first = splitList(value)[0];
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Every value in order; the comma-separated lines of list headers come as single elements. */
  all(name: string): string[] {
    const { key, isList } = canonicalName(name);
    const found: string[] = [];
    for (let index = 0; index < this.#names.length; index++) {
      if (this.#names[index]?.key !== key) continue;
      const value = this.#values[index] ?? '';
      if (isList) for (const element of splitList(value)) found.push(element);
      else found.push(value);
    }
    return found;
  }

  /** Whether at least one line of that name is there. */
  has(name: string): boolean {
    return this.count(name) > 0;
  }

  /** How many lines of that name are there (lines, not list elements). */
  count(name: string): number {
    const { key } = canonicalName(name);
    let lines = 0;
    for (const known of this.#names) if (known.key === key) lines++;
    return lines;
  }

  /** Adds a line at the end. */
  append(name: string, value: string): this {
    this.#names.push(canonicalName(name));
    this.#values.push(value);
    return this;
  }

  /** Adds a line before the first of the same name (the new topmost Via or Route), else at the top of the message. */
  prepend(name: string, value: string): this {
    const canonical = canonicalName(name);
    const first = this.#names.findIndex((known) => known.key === canonical.key);
    this.#names.splice(Math.max(first, 0), 0, canonical);
    this.#values.splice(Math.max(first, 0), 0, value);
    return this;
  }

  /** Replaces the first line of that name where it stands and removes the others; appends when there was none. */
  set(name: string, value: string): this {
    const canonical = canonicalName(name);
    const first = this.#names.findIndex((known) => known.key === canonical.key);
    if (first < 0) return this.append(name, value);
    this.#values[first] = value;
    this.#removeFrom(first + 1, canonical.key);
    return this;
  }

  /**
   * Replaces the first element of a header and keeps the rest, which for a list header may stand on the same line
   * (`received` and `rport` go into the topmost Via this way). Does nothing when the header is absent.
   */
  replaceFirst(name: string, value: string): this {
    const { key, isList } = canonicalName(name);
    for (let index = 0; index < this.#names.length; index++) {
      if (this.#names[index]?.key !== key) continue;
      const elements = isList ? splitList(this.#values[index] ?? '') : [''];
      if (elements.length === 0) continue;
      elements[0] = value;
      this.#values[index] = elements.join(', ');
      return this;
    }
    return this;
  }

  /** Removes the first element of a header (a proxy takes its Via or Route off) and returns it. */
  removeFirst(name: string): string | undefined {
    const { key, isList } = canonicalName(name);
    for (let index = 0; index < this.#names.length; index++) {
      if (this.#names[index]?.key !== key) continue;
      const value = this.#values[index] ?? '';
      const elements = isList ? splitList(value) : [value];
      const first = elements.shift();
      if (first === undefined) continue;
      if (elements.length > 0) this.#values[index] = elements.join(', ');
      else {
        this.#names.splice(index, 1);
        this.#values.splice(index, 1);
      }
      return first;
    }
    return undefined;
  }

  /** Removes every line of that name. */
  remove(name: string): this {
    this.#removeFrom(0, canonicalName(name).key);
    return this;
  }

  /** A copy that shares nothing that can change. */
  clone(): SipHeaders {
    const copy = new SipHeaders();
    for (const name of this.#names) copy.#names.push(name);
    for (const value of this.#values) copy.#values.push(value);
    return copy;
  }

  /** Lines in order, names in their canonical spelling. */
  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    for (let index = 0; index < this.#names.length; index++) {
      yield [this.#names[index]?.name ?? '', this.#values[index] ?? ''];
    }
  }

  #removeFrom(start: number, key: string): void {
    let kept = start;
    for (let index = start; index < this.#names.length; index++) {
      const name = this.#names[index];
      if (name === undefined || name.key === key) continue;
      this.#names[kept] = name;
      this.#values[kept] = this.#values[index] ?? '';
      kept++;
    }
    this.#names.length = kept;
    this.#values.length = kept;
  }
}
