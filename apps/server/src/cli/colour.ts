import { styleText } from 'node:util';
import type { Command } from 'commander';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text on a terminal that wants colours; elsewhere it stays as it is. */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Lets a command be asked for no colours by an option, as NO_COLOR asks all programs. */
export function addColourOption(command: Command): Command {
  return command
    .option('--no-color', 'no colours; elsewhere than on a terminal there are none anyway')
    .hook('preAction', () => {
      if (command.opts<{ color: boolean }>().color) return;
      delete process.env.FORCE_COLOR;
      process.env.NO_COLOR = '1';
    });
}
