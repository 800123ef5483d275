import type { JsonObject } from '../../io.ts';
import type { Warn } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';

const reader = text({ description: '', default: null });

/** The `name` of an action that leaves an entry in the callbacks; null when it has none that can be used. */
export function compileEntryName(entry: JsonObject, warn: Warn): string | null {
  const name = reader.read(Object.hasOwn(entry, 'name') ? (entry.name ?? null) : null);
  if (name.verdict !== 'as_written') warn(`name ${name.message}`);
  return name.value;
}
