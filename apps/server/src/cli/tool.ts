import type { Command, CommanderError } from 'commander';

/** What a script sees that wrote the command wrong; 1 means that the command itself found something. */
const WRONG_USE = 2;

/** Lets a command that was written wrong say where it is explained, and end with a code of its own then. */
export function asTool(command: Command): Command {
  return command.exitOverride(({ exitCode }: CommanderError) => {
    if (exitCode === 1) console.error(`voxology ${command.name()} --help tells what can be written.`);
    process.exit(exitCode === 1 ? WRONG_USE : exitCode);
  });
}
