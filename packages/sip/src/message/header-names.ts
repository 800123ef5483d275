/** The spelling that {@link canonicalName} gives to header names we know, with the compact form where one is registered. */
const KNOWN: readonly (readonly [name: string, compact?: string])[] = [
  ['Accept'],
  ['Accept-Contact', 'a'],
  ['Accept-Encoding'],
  ['Accept-Language'],
  ['Alert-Info'],
  ['Allow'],
  ['Allow-Events', 'u'],
  ['Authentication-Info'],
  ['Authorization'],
  ['Call-ID', 'i'],
  ['Call-Info'],
  ['Contact', 'm'],
  ['Content-Disposition'],
  ['Content-Encoding', 'e'],
  ['Content-Language'],
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  ['CSeq'],
  ['Date'],
  ['Diversion'],
  ['Error-Info'],
  ['Event', 'o'],
  ['Expires'],
  ['From', 'f'],
  ['History-Info'],
  ['Identity', 'y'],
  ['In-Reply-To'],
  ['Max-Forwards'],
  ['MIME-Version'],
  ['Min-Expires'],
  ['Min-SE'],
  ['Organization'],
  ['P-Asserted-Identity'],
  ['P-Associated-URI'],
  ['P-Preferred-Identity'],
  ['Path'],
  ['Priority'],
  ['Privacy'],
  ['Proxy-Authenticate'],
  ['Proxy-Authorization'],
  ['Proxy-Require'],
  ['RAck'],
  ['Reason'],
  ['Record-Route'],
  ['Refer-To', 'r'],
  ['Referred-By', 'b'],
  ['Reject-Contact', 'j'],
  ['Remote-Party-ID'],
  ['Replaces'],
  ['Reply-To'],
  ['Request-Disposition', 'd'],
  ['Require'],
  ['Retry-After'],
  ['Route'],
  ['RSeq'],
  ['Server'],
  ['Service-Route'],
  ['Session-Expires', 'x'],
  ['Subject', 's'],
  ['Subscription-State'],
  ['Supported', 'k'],
  ['Timestamp'],
  ['To', 't'],
  ['Unsupported'],
  ['User-Agent'],
  ['User-to-User'],
  ['Via', 'v'],
  ['Warning'],
  ['WWW-Authenticate'],
];

/** Header fields whose grammar is a comma-separated list, so that several lines and one line with commas are the same. */
const LISTS = new Set(
  [
    'Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Call-Info Contact',
    'Content-Encoding Content-Language Diversion Error-Info History-Info In-Reply-To P-Asserted-Identity',
    'P-Associated-URI P-Preferred-Identity Path Proxy-Require Reason Record-Route Reject-Contact Remote-Party-ID',
    'Require Route Service-Route Supported Unsupported Via Warning',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** A header name in the two forms we use: `key` to compare (lower case), `name` to write. */
export interface HeaderName {
  readonly key: string;
  readonly name: string;
  readonly isList: boolean;
}

const bySpelling = new Map<string, HeaderName>();
for (const [name, compact] of KNOWN) {
  const key = name.toLowerCase();
  const entry: HeaderName = { key, name, isList: LISTS.has(key) };
  for (const spelling of [name, key, name.toUpperCase()]) bySpelling.set(spelling, entry);
  if (compact !== undefined) {
    bySpelling.set(compact, entry);
    bySpelling.set(compact.toUpperCase(), entry);
  }
}

/**
 * The canonical form of a header name: compact forms are expanded (RFC 3261 §7.3.3), known names get their usual
 * spelling, unknown names keep the spelling they came in.
 */
export function canonicalName(spelling: string): HeaderName {
  const known = bySpelling.get(spelling);
  if (known !== undefined) return known;
  const key = spelling.toLowerCase();
  return bySpelling.get(key) ?? { key, name: spelling, isList: LISTS.has(key) };
}
