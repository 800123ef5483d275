import type { Json, JsonObject } from '@voxology/callflow';
import Builder from 'fast-xml-builder';

/** Names of the elements of a list; those of other lists are called `item`. */
const ELEMENTS: Readonly<Record<string, string>> = { key_presses: 'key_press', recordings: 'recording' };
/** Keys of session data are anything; those that are no plain XML name stand in an attribute. */
const PLAIN_NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_.-]*$/;
/** What no XML document may hold, not even escaped (XML 1.0 §2.2). */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ATTRIBUTE = '@';
const TEXT = '#text';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: ATTRIBUTE, textNodeName: TEXT });

/**
 * A callback as XML: root `request`, one element per field, null an empty element, lists with one element an entry
 * (`<key_presses><key_press>…`, `<recordings><recording>…`, else `<item>`); a key that is no XML name becomes
 * `<field name="the key">`.
 */
export function xmlOf(body: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ request: node(body as unknown as JsonObject) })}`;
}

type Node = string | { [name: string]: Node | Node[] };

function node(value: Json, key = ''): Node {
  if (value === null) return '';
  if (typeof value !== 'object') return permitted(String(value));
  if (Array.isArray(value))
    return value.length === 0 ? '' : { [ELEMENTS[key] ?? 'item']: value.map((item) => node(item)) };
  const children: { [name: string]: Node | Node[] } = {};
  const fields: Node[] = [];
  for (const [name, item] of Object.entries(value)) {
    const child = node(item, name);
    if (PLAIN_NAME.test(name)) children[name] = child;
    else
      fields.push({
        [`${ATTRIBUTE}name`]: permitted(name),
        ...(typeof child === 'string' ? { [TEXT]: child } : child),
      });
  }
  if (fields.length > 0) children.field = [...[children.field ?? []].flat(), ...fields];
  return children;
}

function permitted(text: string): string {
  return text.replace(FORBIDDEN, '');
}
