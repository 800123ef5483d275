import type { Store } from '@voxology/store';
import type { Dialler, Switchboard } from '@voxology/telephony';

/** What the routes work on. */
export interface ApiContext {
  store: Store;
  telephony: {
    dialler: Pick<Dialler, 'dial'>;
    switchboard: Pick<Switchboard, 'live' | 'hangUp'>;
  };
  /** ISO 3166 code: how numbers without a country code are read. */
  defaultCountry: string;
}
