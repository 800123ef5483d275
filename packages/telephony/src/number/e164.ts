import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';

/** Emergency and similar short codes that no call may reach unless a route for them is configured (design §8). */
// biome-ignore format: a table
const EMERGENCY = new Set([
  '000', '100', '101', '102', '103', '104', '108', '110', '111', '112', '113', '114', '115', '116', '117', '118',
  '119', '120', '122', '123', '131', '133', '144', '155', '190', '191', '192', '193', '194', '197', '198', '199', '911',
  '933', '995', '997', '998', '999',
]);

/**
 * What a person or a trunk dialled as an E.164 number with `+`, or null when it is none.
 * `00` and, for numbers that are already complete, a missing `+` are understood; anything else is read as a number of
 * `defaultCountry`. Numbers of the right length but of no assigned range (555-01xx among them) are accepted:
 * whether a number exists is for the network to say.
 */
export function toE164(dialled: string, defaultCountry: string): string | null {
  const parsed = parse(dialled, defaultCountry);
  return parsed?.isPossible() === true ? parsed.number : null;
}

/**
 * The E.164 numbers that digits of a trunk may mean, the likeliest first: as {@link toE164} reads them, and as a whole
 * number that lacks its `+`.
 */
export function readingsOf(dialled: string, defaultCountry: string): string[] {
  const whole = /^[1-9]\d{7,14}$/.test(dialled) ? toE164(`+${dialled}`, defaultCountry) : null;
  const readings = [toE164(dialled, defaultCountry), whole].filter((no) => no !== null);
  return [...new Set(readings)];
}

/** True for a number that rings an emergency service somewhere, as dialled or behind a country code. */
export function isEmergencyNumber(dialled: string, defaultCountry: string): boolean {
  // Parameters of a URI's user part are no digits, and full-width digits are.
  const text = dialled.normalize('NFKC').split(';')[0] ?? '';
  const digits = text.replace(/[^0-9]/g, '');
  if (EMERGENCY.has(digits) || EMERGENCY.has(digits.replace(/^0+/, '')) || /^(?:00|011)?1?911$/.test(digits))
    return true;
  const parsed = parse(text.replace(/[^0-9+]/g, ''), defaultCountry);
  return parsed !== undefined && EMERGENCY.has(parsed.nationalNumber);
}

const UNREADABLE = Symbol('unreadable');
/** Reading a number takes some 20 µs, and the same few come with every call. */
const read = new LRUCache<string, PhoneNumber | typeof UNREADABLE>({ max: 5000 });

function parse(dialled: string, defaultCountry: string): PhoneNumber | undefined {
  const text = dialled.trim();
  if (!/^\+?[0-9().\s-]{3,32}$/.test(text)) return undefined;
  const digits = text.replace(/[^0-9+]/g, '');
  const international = digits.startsWith('00') ? `+${digits.slice(2)}` : digits;
  const key = `${defaultCountry}${international}`;
  const known = read.get(key) ?? parsePhoneNumberFromString(international, defaultCountry as CountryCode) ?? UNREADABLE;
  read.set(key, known);
  return known === UNREADABLE ? undefined : known;
}
