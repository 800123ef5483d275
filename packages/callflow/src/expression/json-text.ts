import { EvaluationError, type Frame } from './frame.ts';

const MAX_DEPTH = 200;

/** JSON.stringify of one value within the frame's limits; `toJSON` keys in data have no say. */
export function jsonText(value: unknown, frame: Frame): string | undefined {
  return value === undefined ? undefined : write(value, frame, 0);
}

function write(value: unknown, frame: Frame, depth: number): string {
  if (depth > MAX_DEPTH) throw new EvaluationError(`the value is nested more than ${MAX_DEPTH} levels deep`);
  frame.charge(1);
  if (typeof value === 'string') {
    frame.chargeText(value);
    return frame.text(JSON.stringify(value));
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return list('[', ']', value.length, (i) => write(value[i], frame, depth + 1), frame);
  const entries = Object.entries(value).filter(([, element]) => element !== undefined);
  frame.charge(entries.length);
  return list(
    '{',
    '}',
    entries.length,
    (i) => {
      const [key, element] = entries[i] ?? ['', null];
      return `${JSON.stringify(key)}:${write(element, frame, depth + 1)}`;
    },
    frame,
  );
}

function list(open: string, close: string, length: number, element: (i: number) => string, frame: Frame): string {
  let text = open;
  for (let i = 0; i < length; i++) {
    text += i === 0 ? element(i) : `,${element(i)}`;
    frame.allowLength(text.length);
  }
  return frame.text(text + close);
}
