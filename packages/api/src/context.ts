import type { Store } from '@voxology/store';
import type { Conferences, Dialler, Inbox, Messages, Switchboard } from '@voxology/telephony';
import type { UrlRefusal } from './schema/configuration.ts';

/** What the routes work on. */
export interface ApiContext {
  store: Store;
  telephony: {
    dialler: Pick<Dialler, 'dial'>;
    messages: Pick<Messages, 'send'>;
    inbox: Pick<Inbox, 'receive'>;
    conferences: Pick<Conferences, 'live' | 'find' | 'placeOf'>;
    switchboard: Pick<Switchboard, 'live' | 'liveSound' | 'command'>;
  };
  /** Folder of the recordings' files. */
  recordingsDir: string;
  /** Why the server may not connect to a URL that a user gives; null when it may. */
  urlRefusal: UrlRefusal;
  /** ISO 3166 code: how numbers without a country code are read. */
  defaultCountry: string;
}
