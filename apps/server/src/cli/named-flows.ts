import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnreadableFile } from './read-flow.ts';

/** What stands for many files where the shell has not put their names in its place. */
const PATTERN = /[*?{[]/;
const FLOW_FILES = '**/*.{json,yaml,yml}';

/**
 * The flows that an argument names: a file, `-`, a pattern such as `flows/*.json`, or a folder with all in it that have
 * `actions`. Throws {@link UnreadableFile} when there is none.
 */
export function namedFlows(argument: string): string[] {
  if (existsSync(argument)) return statSync(argument).isDirectory() ? flowsIn(argument) : [argument];
  if (argument === '-' || !PATTERN.test(argument)) return [argument];
  const files = globSync(argument).filter((path) => statSync(path).isFile());
  if (files.length === 0) throw new UnreadableFile(`There is no file ${argument}.`);
  return files.sort();
}

function flowsIn(folder: string): string[] {
  const isLeftOut = (path: string): boolean => /(?:^|[\\/])(?:node_modules$|\.[^.\\/])|\.schema\.json$/.test(path);
  const files = globSync(FLOW_FILES, { cwd: folder, exclude: isLeftOut })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile() && /\bactions["']?\s*:/i.test(readFileSync(path, 'latin1')));
  if (files.length === 0) {
    throw new UnreadableFile(`There is no call flow in ${folder}: no JSON or YAML file that has "actions".`);
  }
  return files.sort();
}
