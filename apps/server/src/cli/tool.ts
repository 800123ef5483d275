import type { Command, CommanderError } from 'commander';

/** What a script sees that wrote the command wrong; 1 means that the command itself found something. */
const WRONG_USE = 2;

/** `head` has read enough, or a pager was left: the rest is for nobody. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

/** Lets a command that was written wrong say where it is explained, and end with a code of its own then. */
export function asTool(command: Command): Command {
  command.hook('preAction', () => void process.stdout.on('error', endWithReader));
  return command.exitOverride(({ exitCode }: CommanderError) => {
    if (exitCode === 1) console.error(`voxology ${command.name()} --help tells what can be written.`);
    process.exit(exitCode === 1 ? WRONG_USE : exitCode);
  });
}
