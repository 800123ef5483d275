/** Symbols of a phonetic alphabet and the sounds of English that they stand for; an empty one is written but not spoken. */
type Alphabet = ReadonlyMap<string, string>;

const CONSONANTS: Readonly<Record<string, string>> = {
  p: 'p',
  b: 'b',
  t: 't',
  d: 'd',
  k: 'k',
  g: 'g',
  f: 'f',
  v: 'v',
  s: 's',
  z: 'z',
  h: 'hh',
  m: 'm',
  n: 'n',
  l: 'l',
  r: 'r',
  j: 'y',
  w: 'w',
};

const IPA: Alphabet = new Map(
  Object.entries({
    ...CONSONANTS,
    ɡ: 'g',
    θ: 'th',
    ð: 'dh',
    ʃ: 'sh',
    ʒ: 'zh',
    tʃ: 'ch',
    t͡ʃ: 'ch',
    ʧ: 'ch',
    dʒ: 'jh',
    d͡ʒ: 'jh',
    ʤ: 'jh',
    ŋ: 'ng',
    ɫ: 'l',
    ɹ: 'r',
    ɾ: 'd',
    ʍ: 'w',
    x: 'k',
    l̩: 'ax l',
    m̩: 'ax m',
    n̩: 'ax n',
    i: 'iy',
    ɪ: 'ih',
    e: 'eh',
    ɛ: 'eh',
    æ: 'ae',
    a: 'aa',
    ɑ: 'aa',
    ɒ: 'aa',
    ɔ: 'ao',
    ʌ: 'ah',
    ɐ: 'ah',
    ʊ: 'uh',
    u: 'uw',
    ə: 'ax',
    ɚ: 'er',
    ɜ: 'er',
    ɝ: 'er',
    eɪ: 'ey',
    aɪ: 'ay',
    ɔɪ: 'oy',
    aʊ: 'aw',
    oʊ: 'ow',
    əʊ: 'ow',
    ɪə: 'ih r',
    eə: 'eh r',
    ɛə: 'eh r',
    ʊə: 'uh r',
    ː: '',
    ˑ: '',
    ˈ: '',
    ˌ: '',
    '.': '',
    '‿': '',
    ' ': '',
  }),
);

const X_SAMPA: Alphabet = new Map(
  Object.entries({
    ...CONSONANTS,
    T: 'th',
    D: 'dh',
    S: 'sh',
    Z: 'zh',
    tS: 'ch',
    dZ: 'jh',
    N: 'ng',
    5: 'l',
    'r\\': 'r',
    4: 'd',
    W: 'w',
    x: 'k',
    'l=': 'ax l',
    'm=': 'ax m',
    'n=': 'ax n',
    i: 'iy',
    I: 'ih',
    e: 'eh',
    E: 'eh',
    '{': 'ae',
    a: 'aa',
    A: 'aa',
    Q: 'aa',
    O: 'ao',
    V: 'ah',
    6: 'ah',
    U: 'uh',
    u: 'uw',
    '@': 'ax',
    '@`': 'er',
    3: 'er',
    '3`': 'er',
    eI: 'ey',
    aI: 'ay',
    OI: 'oy',
    aU: 'aw',
    oU: 'ow',
    '@U': 'ow',
    'I@': 'ih r',
    'e@': 'eh r',
    'E@': 'eh r',
    'U@': 'uh r',
    ':': '',
    '"': '',
    '%': '',
    '.': '',
    '-': '',
    ' ': '',
  }),
);

const ALPHABETS: ReadonlyMap<string, Alphabet> = new Map([
  ['ipa', IPA],
  ['x-sampa', X_SAMPA],
  ['xsampa', X_SAMPA],
]);
/** As `alphabet` of `<phoneme>` may be written. */
export const ALPHABET_NAMES: readonly string[] = [...ALPHABETS.keys()];

const LONGEST_SYMBOL = Math.max(
  ...[...ALPHABETS.values()].flatMap((one) => [...one.keys()].map(({ length }) => length)),
);
/** Beyond any word, and most names. */
const MAX_CHARACTERS = 200;

/**
 * The sounds of English that a pronunciation is written for, by the names of the CMU dictionary in small letters (`hh ax l
 * ow`), or what cannot be read of it. Stress and length are not kept.
 */
export function readPhonemes(alphabetName: string, written: string): { phones: string } | { problem: string } {
  const alphabet = ALPHABETS.get(alphabetName.toLowerCase());
  if (alphabet === undefined) return { problem: `<phoneme> knows no alphabet "${alphabetName}"` };
  if (written.length > MAX_CHARACTERS)
    return { problem: `the ph of <phoneme> is longer than ${MAX_CHARACTERS} characters` };
  // The marks of a letter stand behind it, as the table writes them.
  const text = written.normalize('NFD');
  const phones: string[] = [];
  for (let at = 0; at < text.length; ) {
    const symbol = longestSymbol(alphabet, text, at);
    if (symbol === null) {
      const unknown = String.fromCodePoint(text.codePointAt(at) ?? 0);
      return { problem: `<phoneme> knows no sound "${unknown}" of English in "${written}"` };
    }
    const phone = alphabet.get(symbol) ?? '';
    if (phone !== '') phones.push(phone);
    at += symbol.length;
  }
  return phones.length === 0 ? { problem: `"${written}" of <phoneme> is no sound` } : { phones: phones.join(' ') };
}

function longestSymbol(alphabet: Alphabet, text: string, at: number): string | null {
  for (let length = LONGEST_SYMBOL; length > 0; length--) {
    const symbol = text.slice(at, at + length);
    if (symbol.length === length && alphabet.has(symbol)) return symbol;
  }
  return null;
}
