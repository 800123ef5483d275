import { describe, expect, test } from 'vitest';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { parseDocument } from './document.ts';
import { findJsonFault } from './json-fault.ts';

const parse = (text: string, limits = {}) => parseDocument(text, { ...DEFAULT_LANGUAGE_LIMITS, ...limits });
const fault = (text: string, limits = {}) => {
  const parsed = parse(text, limits);
  return parsed.ok ? null : parsed.fault;
};

test('what a document names as its schema', () => {
  const parsed = parse('{"$schema":"https://example.com/s.json","actions":[]}');
  expect(parsed.ok && parsed.document).toMatchObject({ schema: 'https://example.com/s.json', unknownKeys: [] });
});

describe('what is tolerated', () => {
  test.each([
    '{"actions":[]}',
    '\uFEFF{"actions":[]}',
    '\r\n\t {"actions": [] } \n\n',
    '{"name":"x","comments":["a"],"comment:x":1,"actions":[]}',
  ])('%j', (text) => {
    expect(parse(text)).toEqual({
      ok: true,
      document: { actions: [], flows: null, unknownKeys: [], sizeCharacters: text.length },
    });
  });

  test('flows as written, and keys that are unknown', () => {
    const parsed = parse('{"flows":{"a":[]},"nmae":1,"actions":[],"Comment":2}');
    expect(parsed.ok && parsed.document).toMatchObject({ flows: { a: [] }, unknownKeys: ['nmae'] });
  });

  test('of duplicate keys the last wins', () => {
    const parsed = parse('{"actions":[{"comment":1,"comment":2}]}');
    expect(parsed.ok && parsed.document.actions).toEqual([{ comment: 2 }]);
  });
});

describe('what is wrong, and where', () => {
  test.each([
    ['{"actions":[\n  {"type":"SAY",}\n]}', 2, 17, 'a comma before "}" is one too many'],
    ['{"actions":[1,]}', 1, 15, 'a comma before "]" is one too many'],
    ['{"actions":[{"type":"SAY" "params":{}}]}', 1, 27, 'expected "," or "}", found a double quote'],
    ["{'actions':[]}", 1, 2, 'expected a key in double quotes, found "\'"'],
    ['{"actions":[{"type":\'SAY\'}]}', 1, 21, 'strings need double quotes, found a single quote'],
    ['{"actions":[\n// hello\n]}', 2, 1, 'JSON has no comments; use a "comment" key'],
    ['{"actions":["open]}', 1, 13, 'a string is not closed'],
    ['{"actions":["a\nb"]}', 1, 13, 'a string is not closed before the end of the line'],
    ['{"actions":["a\tb"]}', 1, 15, 'control character U+0009 in a string must be written as an escape'],
    ['{"actions":["\\x"]}', 1, 14, '"\\x" is no escape of JSON'],
    ['{"actions":["\\u12"]}', 1, 14, '"\\u" needs four hexadecimal digits'],
    ['{"actions":[01]}', 1, 13, 'this is no JSON number; put other text in double quotes'],
    ['{"actions":[+1]}', 1, 13, 'expected a value, found "+"'],
    ['{"actions":[]', 1, 14, 'expected "," or "}", found end of the text'],
    ['{"actions":[]}}', 1, 15, 'unexpected "}" after the end of the JSON value'],
    ['{"actions" []}', 1, 12, 'expected ":" after the key, found "["'],
    ['{"actions":[undefined]}', 1, 13, 'expected a value, found "u"'],
  ])('%j', (text, line, column, message) => {
    const found = fault(text);
    expect(found).toMatchObject({ line, column });
    expect(found?.message).toBe(`the answer is not valid JSON: ${message} (line ${line}, column ${column})`);
  });

  test('a web page', () => {
    expect(fault('<!DOCTYPE html><html></html>')?.message).toMatch(/; it looks like HTML or XML$/);
  });

  test.each([
    ['null', 'the answer is null; an object with an "actions" list is expected'],
    ['"x"', 'the answer is a string; an object with an "actions" list is expected'],
    ['{"actions":{}}', '"actions" is an object; a list is expected'],
    ['{"Actions":[]}', 'the answer has no "actions" list; there is "Actions", did you mean "actions"?'],
    ['{"action":[]}', 'the answer has no "actions" list; there is "action", did you mean "actions"?'],
    ['{"result":[]}', 'the answer has no "actions" list'],
    ['{"__proto__":{"actions":[]}}', 'the answer has no "actions" list'],
  ])('%s', (text, message) => {
    expect(fault(text)).toEqual({ message, line: null, column: null });
  });
});

describe('limits', () => {
  test('size', () => {
    expect(fault(`{"actions":[]}${' '.repeat(100)}`, { maxDocumentCharacters: 100 })?.message).toBe(
      'the answer has 114 characters, more than the 100 allowed',
    );
  });

  test('depth, whether the JSON is whole or not', () => {
    const deep = '['.repeat(100_000);
    expect(fault(`{"actions":${deep}${']'.repeat(100_000)}}`)?.message).toBe(
      'the answer is nested deeper than the 128 levels allowed',
    );
    expect(fault(`{"actions":${deep}`)?.message).toMatch(/nested deeper than 128 levels/);
  });

  test('a fault at the end of a large text is found in good time', () => {
    const text = `{"actions":[${'{"type":"SAY"},\n'.repeat(60_000)}]`;
    expect(fault(text)).toMatchObject({ line: 60_001, column: 1 });
  });
});

test('what the engine takes has no fault', () => {
  for (const text of ['[1, -0.5e+3, true, false, null, "\\u00e9\\n"]', '{"a":{}}', ' 0 '])
    expect(findJsonFault(text, 128)).toBeNull();
});
