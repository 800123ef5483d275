import { readNumber, wholeNumberWords } from './number-words.ts';

/** One and several of the currency, and of its hundredth part where it has one. */
type Currency = readonly [one: string, many: string, part?: string, parts?: string];

const CURRENCIES: ReadonlyMap<string, Currency> = new Map<string, Currency>([
  ['USD', ['dollar', 'dollars', 'cent', 'cents']],
  ['EUR', ['euro', 'euros', 'cent', 'cents']],
  ['GBP', ['pound', 'pounds', 'penny', 'pence']],
  ['JPY', ['yen', 'yen']],
  ['CNY', ['yuan', 'yuan']],
  ['INR', ['rupee', 'rupees', 'paisa', 'paise']],
  ['CHF', ['franc', 'francs', 'centime', 'centimes']],
  ['CAD', ['Canadian dollar', 'Canadian dollars', 'cent', 'cents']],
  ['AUD', ['Australian dollar', 'Australian dollars', 'cent', 'cents']],
  ['NZD', ['New Zealand dollar', 'New Zealand dollars', 'cent', 'cents']],
  ['MXN', ['peso', 'pesos', 'centavo', 'centavos']],
  ['BRL', ['real', 'reais', 'centavo', 'centavos']],
  ['SEK', ['krona', 'kronor']],
  ['NOK', ['krone', 'kroner']],
  ['DKK', ['krone', 'kroner']],
  ['KRW', ['won', 'won']],
]);
const SIGNS: ReadonlyMap<string, string> = new Map([
  ['$', 'USD'],
  ['US$', 'USD'],
  ['C$', 'CAD'],
  ['A$', 'AUD'],
  ['€', 'EUR'],
  ['£', 'GBP'],
  ['¥', 'JPY'],
  ['₹', 'INR'],
  ['₩', 'KRW'],
]);

/**
 * An amount of money in words, as in `twelve dollars and fifty cents`: a number with a sign or code of the currency before
 * or behind it. Null for anything else.
 */
export function moneyWords(written: string): string | null {
  const [, minus = '', before = '', digits = '', behind = ''] =
    /^([-\u2212]?)\s*([^\d\s.,-]{0,3})\s*([\d.,]+)\s*([^\d\s.,-]{0,3})$/.exec(written) ?? [];
  const sign = (before || behind).toUpperCase();
  const currency = before !== '' && behind !== '' ? undefined : CURRENCIES.get(SIGNS.get(sign) ?? sign);
  const number = readNumber(digits);
  if (currency === undefined || number === null) return null;
  const [one, many, part, parts] = currency;
  const { whole, decimals } = number;
  const amount = `${wholeNumberWords(whole)} ${/^0*1$/.test(whole) ? one : many}`;
  const signed = minus === '' ? '' : 'minus ';
  if (/^0*$/.test(decimals)) return signed + amount;
  if (part === undefined || parts === undefined || decimals.length > 2) return null;
  const hundredths = Number(decimals.padEnd(2, '0'));
  const rest = `${wholeNumberWords(String(hundredths))} ${hundredths === 1 ? part : parts}`;
  return signed + (/^0+$/.test(whole) ? rest : `${amount} and ${rest}`);
}
