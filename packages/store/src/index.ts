/** The database of the platform: PostgreSQL, our own or one named by a URL. */
export type * from './contract.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export type * from './message-rows.ts';
export { openStore } from './open-store.ts';
export type * from './rows.ts';
export type * from './transcript-rows.ts';
