import type { CompiledParameters, Warn } from '../parameters/compile.ts';
import type { TextForm } from '../parameters/text-form.ts';

export function formOfTracks(known: readonly string[]): TextForm {
  return `^(?:${known.join('|')})$`;
}

/** The tracks that are meant, in the order of those there are, and a complaint of the first that is none. */
export function readTracks<Track extends string>(
  written: readonly string[],
  known: readonly Track[],
): { tracks: Track[]; fault: string | null } {
  const names: readonly string[] = known;
  const unknown = written.find((track) => !names.includes(track));
  const fault =
    unknown === undefined
      ? null
      : `params.tracks: "${unknown.slice(0, 40)}" is no track; there are ${known.join(', ')}`;
  return { tracks: known.filter((track) => written.includes(track)), fault };
}

/** Warns of tracks that are none, where they are known before the call. */
export function checkTracks({ fixed }: CompiledParameters, known: readonly string[], warn: Warn): void {
  const written = fixed.tracks;
  const { fault } = readTracks(Array.isArray(written) ? written.map(String) : [], known);
  if (fault !== null) warn(fault);
}
