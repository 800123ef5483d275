import type { Paint } from '@voxology/callflow';
import { coloured, type Style } from './colour.ts';

const STYLES: Partial<Record<Parameters<Paint>[0], Style>> = {
  time: 'dim',
  path: 'dim',
  callback: 'blue',
  does: 'dim',
  hears: 'green',
  message: 'green',
  presses: 'cyan',
  says: 'cyan',
  collected: 'cyan',
  branch: 'magenta',
  sets: 'magenta',
  warning: 'yellow',
  error: 'red',
  hangs_up: 'bold',
  ended: 'bold',
};

/** The colours of a transcript on a terminal. */
export const paint: Paint = (part, text) => {
  const style = STYLES[part];
  return style === undefined ? text : coloured(style, text);
};
