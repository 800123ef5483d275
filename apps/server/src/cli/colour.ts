import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text on a terminal that wants colours; elsewhere it stays as it is. */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
