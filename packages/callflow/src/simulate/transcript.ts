import type { TranscriptEntry } from './script.ts';

const LABELS: Readonly<Record<TranscriptEntry['type'], string>> = {
  call: 'call',
  message: 'message',
  callback: 'callback',
  answered: 'answered',
  hears: 'hears',
  callee: 'callee',
  presses: 'presses',
  says: 'says',
  collected: 'collected',
  branch: 'branch',
  sets: 'sets',
  does: 'does',
  warning: 'warning',
  error: 'ERROR',
  hangs_up: 'hangs up',
  ended: 'ended',
};

/** Colours a piece of a line, or leaves it as it is. */
export type Paint = (part: TranscriptEntry['type'] | 'time' | 'path', text: string) => string;

/** The call as a text, one line per entry; lines that repeat the one before are counted instead. */
export function transcriptText(entries: readonly TranscriptEntry[], paint: Paint = (_part, text) => text): string {
  const lines: string[] = [];
  for (let index = 0; index < entries.length; ) {
    const entry = entries[index];
    if (entry === undefined) break;
    let times = 1;
    while (isSame(entry, entries[index + times])) times += 1;
    lines.push(lineOf(entry, times, paint));
    index += times;
  }
  return lines.join('\n');
}

function isSame(entry: TranscriptEntry, other: TranscriptEntry | undefined): boolean {
  return other !== undefined && other.type === entry.type && other.text === entry.text && other.path === entry.path;
}

function lineOf({ atMs, type, text, path }: TranscriptEntry, times: number, paint: Paint): string {
  const time = paint('time', `${(atMs / 1000).toFixed(2).padStart(8)} s`);
  const label = paint(type, LABELS[type].padEnd(9));
  const count = times === 1 ? '' : ` (${times} times)`;
  const place = path === null || path === '' ? '' : `  ${paint('path', path)}`;
  return `${time}  ${label}  ${text}${count}${place}`.trimEnd();
}
