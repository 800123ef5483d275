import type { Voice } from '../provider.ts';

/** Languages spoken best come first where several voices answer to one tag. */
type Ranked = { voice: Voice; priority: number };

/** Reads the table that `espeak-ng --voices` prints; a voice is named by its language, as in `de` and `pt-br`. */
export function parseEspeakVoices(table: string): Voice[] {
  const ranked: Ranked[] = [];
  for (const line of table.split('\n').slice(1)) {
    // Priority, language, age/gender, name, file, then other languages as "(zh 5)".
    const match = /^\s*(\d+)\s+(\S+)\s+\S+\s+(\S+)\s+\S+\s*(.*)$/.exec(line);
    if (match === null) continue;
    const [, priority = '', language = '', name = '', others = ''] = match;
    const otherLanguages = [...others.matchAll(/\(([\w-]+) \d+\)/g)].map(([, tag = '']) => tag);
    const description = name.replaceAll('_', ' ').trim();
    ranked.push({ voice: { name: language, language, otherLanguages, description }, priority: Number(priority) });
  }
  return ranked.sort((a, b) => a.priority - b.priority).map(({ voice }) => voice);
}
