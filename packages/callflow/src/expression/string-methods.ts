import { toNumber, toOptionalNumber, toText } from './coercion.ts';
import type { Frame } from './frame.ts';
import type { Method, Methods } from './method.ts';

type Searching = (text: string, sought: string, position: number | undefined) => unknown;
type Cutting = (text: string, from: number | undefined, to: number | undefined) => unknown;

function search(find: Searching, isBackward = false): Method<string> {
  return (text, [soughtValue, position], frame) => {
    const sought = toText(soughtValue, frame);
    frame.chargeSearch(text, sought, isBackward);
    return find(text, sought, toOptionalNumber(position, frame));
  };
}

function cut(part: Cutting): Method<string> {
  return (text, [from, to], frame) => {
    frame.chargeText(text);
    return part(text, toOptionalNumber(from, frame), toOptionalNumber(to, frame));
  };
}

function change(make: (text: string) => string): Method<string> {
  return (text, _args, frame) => {
    frame.chargeText(text);
    return frame.text(make(text));
  };
}

function pad(make: (text: string, length: number, filler: string) => string): Method<string> {
  return (text, [length, filler], frame) => {
    const wanted = toNumber(length, frame);
    frame.allowLength(wanted);
    frame.charge(1 + (Math.max(wanted, 0) >> 5));
    return make(text, wanted, filler === undefined ? ' ' : toText(filler, frame));
  };
}

function occurrences(text: string, sought: string): number {
  if (sought === '') return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + sought.length)) count++;
  return count;
}

function replacing(all: boolean): Method<string> {
  return (text, [soughtValue, replacementValue], frame) => {
    const sought = toText(soughtValue, frame);
    frame.chargeSearch(text, sought);
    const replacement = toText(replacementValue, frame);
    const times = all ? occurrences(text, sought) : 1;
    // Each "$" of a replacement may stand for as much as the whole text ("$`", "$'", "$&").
    const longest = replacement.length + occurrences(replacement, '$') * text.length;
    frame.allowLength(text.length + times * longest);
    frame.charge(times);
    return all ? text.replaceAll(sought, replacement) : text.replace(sought, replacement);
  };
}

function split(text: string, [separator, limit]: unknown[], frame: Frame): unknown {
  const most = frame.limits.maxArrayLength + 1;
  const wanted = limit === undefined ? most : Math.min(toNumber(limit, frame) >>> 0, most);
  if (separator === undefined) return [text].slice(0, wanted);
  const mark = toText(separator, frame);
  frame.chargeSearch(text, mark);
  const parts = text.split(mark, wanted);
  frame.charge(parts.length);
  return frame.array(parts);
}

/** The methods of strings in expressions; none takes a regular expression. */
export const STRING_METHODS: Methods<string> = {
  at: (text, [index], frame) => text.at(toNumber(index, frame)),
  charAt: (text, [index], frame) => text.charAt(toNumber(index, frame)),
  charCodeAt: (text, [index], frame) => text.charCodeAt(toNumber(index, frame)),
  codePointAt: (text, [index], frame) => text.codePointAt(toNumber(index, frame)),
  concat: (text, args, frame) => args.reduce<string>((whole, more) => frame.text(whole + toText(more, frame)), text),
  endsWith: search((text, sought, position) => text.endsWith(sought, position)),
  includes: search((text, sought, position) => text.includes(sought, position)),
  indexOf: search((text, sought, position) => text.indexOf(sought, position)),
  lastIndexOf: search((text, sought, position) => text.lastIndexOf(sought, position), true),
  padEnd: pad((text, length, filler) => text.padEnd(length, filler)),
  padStart: pad((text, length, filler) => text.padStart(length, filler)),
  repeat: (text, [count], frame) => {
    const times = toNumber(count, frame);
    frame.allowLength(text.length * Math.max(times, 0));
    frame.charge(1 + ((text.length * Math.max(times, 0)) >> 5));
    return text.repeat(text === '' ? Math.min(times, 1) : times);
  },
  replace: replacing(false),
  replaceAll: replacing(true),
  slice: cut((text, from, to) => text.slice(from, to)),
  split,
  startsWith: search((text, sought, position) => text.startsWith(sought, position)),
  substr: cut((text, from, length) => {
    const size = text.length;
    const integral = Math.trunc(from ?? 0) || 0;
    const start = integral < 0 ? Math.max(size + integral, 0) : Math.min(integral, size);
    return text.slice(
      start,
      start + Math.max(0, Math.min(length === undefined ? size : Math.trunc(length) || 0, size)),
    );
  }),
  substring: cut((text, from, to) => text.substring(from ?? 0, to)),
  toLowerCase: change((text) => text.toLowerCase()),
  toString: (text) => text,
  toUpperCase: change((text) => text.toUpperCase()),
  trim: change((text) => text.trim()),
  trimEnd: change((text) => text.trimEnd()),
  trimStart: change((text) => text.trimStart()),
  valueOf: (text) => text,
};
