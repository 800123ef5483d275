import type { JsonObject } from '../../io.ts';
import { type ActionCompiler, CONTINUE, defineAction } from '../action.ts';

export const label = defineAction<null, null>({
  type: 'LABEL',
  summary: 'Names a place for GOTO.',
  description: 'Does nothing itself. Names are case-sensitive; when a list has a name twice, the first counts.',
  example: { type: 'LABEL', name: 'AGAIN' },
  parameters: {},
  fields: { name: 'The name, unique within its list.' },
  needs: ['name'],
  shapes: { name: { type: 'string' } },
  compile(entry, compiler) {
    const name = labelName(entry, compiler);
    if (name !== null) compiler.label(name);
    compiler.emit(null);
  },
  forMessages: true,
  forCallees: true,
  behaviour: { needsMedia: false, start: () => CONTINUE },
});

function labelName(entry: JsonObject, compiler: ActionCompiler): string | null {
  const { name } = entry;
  if (typeof name === 'string') return name;
  if (typeof name === 'number') {
    compiler.warn(`name is a number, taken as the text "${name}"`);
    return String(name);
  }
  compiler.warn('a LABEL needs a name; no GOTO will find it');
  return null;
}
