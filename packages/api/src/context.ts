import type { Store } from '@voxology/store';
import type { Telephony } from '@voxology/telephony';

/** What the routes work on. */
export interface ApiContext {
  store: Store;
  telephony: Telephony;
  /** ISO 3166 code: how numbers without a country code are read. */
  defaultCountry: string;
}
