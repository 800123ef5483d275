import { expect, test } from 'vitest';
import { parseXml, withoutMarkup, type XmlElement } from './xml.ts';

/** As written again, with all text in brackets. */
function shown({ name, attributes, children }: XmlElement): string {
  const written = [...attributes].map(([key, { value }]) => ` ${key}=${value}`).join('');
  return `${name}${written}(${children.map((child) => ('name' in child ? shown(child) : `[${child.text}]`)).join('')})`;
}

test.each([
  ['<a/>', 'a()'],
  ['<?xml version="1.0"?>\n<a>x<b c="1" d=\'2 "3"\'/>y</a><!-- end -->', 'a([x]b c=1 d=2 "3"()[y])'],
  ['<a>1 &lt; 2 &amp; &#65;&#x1F600;&apos;&quot;&gt;</a>', 'a([1 < 2 & A😀\'">])'],
  ['<a b="&lt;&#10;"/>', 'a b=<\n()'],
  ['<a><![CDATA[<b> & ]]]]>c</a>', 'a([<b> & ]]][c])'],
  ['<a><!-- <b> --><?php x ?></a >', 'a()'],
  ['<ä:b_1.c-d xml:lang="de"></ä:b_1.c-d>', 'ä:b_1.c-d xml:lang=de()'],
  ['<a>${x} {{$y}}</a>', 'a([${x} {{$y}}])'],
])('%s', (text, expected) => {
  const parsed = parseXml(text);
  expect(parsed.ok ? shown(parsed.root) : parsed).toBe(expected);
});

test.each([
  ['', 'it does not begin with an element', 0],
  ['x<a/>', 'it does not begin with an element', 0],
  ['<a>', '<a> is not closed', 0],
  ['<a><b></a>', '</a> closes <b>', 6],
  ['<a/><b/>', 'something follows </a>', 4],
  ['<a>1 < 2</a>', 'after "<" an element’s name is expected; a "<" itself is written "&lt;"', 6],
  ['<a>R&D</a>', '"&" begins no character reference that is known; an "&" itself is written "&amp;"', 4],
  ['<a>&nbsp;</a>', '"&" begins no character reference that is known; an "&" itself is written "&amp;"', 3],
  ['<a>&#xD800;</a>', '"&" begins no character reference that is known; an "&" itself is written "&amp;"', 3],
  ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'a document type declaration is not read', 0],
  ['<a b/>', 'the attribute b has no value', 4],
  ['<a b=1/>', 'the value of the attribute b stands in no quotes', 5],
  ['<a b="1/>', 'the value of the attribute b is not closed by "', 5],
  ['<a b="<"/>', 'in a value "<" is written "&lt;"', 6],
  ['<a b="1" b="2"/>', 'the attribute b is there twice', 9],
  ['<a b="1"c="2"/>', 'in the tag <a a space or ">" is expected', 8],
  ['<a b="1" ', 'the tag <a is not closed by ">"', 0],
  ['<a></a', '</a is not closed by ">"', 3],
  ['<a><!-- </a>', 'the comment is not closed by "-->"', 3],
  ['<a><![CDATA[x</a>', 'the CDATA section is not closed by "]]>"', 3],
  ['<a>'.repeat(33), 'the elements are nested more than 32 deep', 96],
])('%s is refused', (text, message, offset) => {
  expect(parseXml(text)).toEqual({ ok: false, message, offset });
});

test('a document that is too long is not read', () => {
  expect(parseXml(`<a>${'x'.repeat(65_536)}</a>`)).toMatchObject({ ok: false, offset: 65_536 });
});

test('no text takes long or throws', () => {
  const pieces = [
    '<a',
    '<a>',
    '</a>',
    '&',
    ';',
    '<!--',
    '-->',
    '<![CDATA[',
    '"',
    "'",
    ' b=',
    '<?',
    '>',
    '\ud800',
    '&#x',
  ];
  for (const piece of pieces) {
    for (const other of pieces) {
      const text = `<speak>${(piece + other).repeat(5_000)}`;
      const begun = performance.now();
      parseXml(text);
      withoutMarkup(text);
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
  }
});

test.each([
  ['<speak>Please <b>wait</speak>.', 'Please wait .'],
  ['<speak>R&D, 1 < 2 &amp; 3 &#65;<break', 'R&D, 1 < 2 & 3 A'],
])('%s without markup', (text, expected) => {
  expect(withoutMarkup(text)).toBe(expected);
});
