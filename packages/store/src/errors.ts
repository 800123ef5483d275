/**
 * What can go wrong in the store, apart from PostgreSQL's own errors:
 * - `duplicate`, `not-found`: the row is there already, or is not there;
 * - `overloaded`: too many writes wait for the database; `closed`: the store is closed;
 * - `secret`: a secret cannot be read; `in-use`: another process holds the data directory;
 * - `embedded`: our own PostgreSQL cannot be started or stopped; `unreachable`: the database does not answer;
 * - `schema`: the tables cannot be brought to this version; `data-directory`: it cannot be made.
 */
export type StoreErrorCode =
  | 'duplicate'
  | 'not-found'
  | 'overloaded'
  | 'closed'
  | 'secret'
  | 'in-use'
  | 'embedded'
  | 'unreachable'
  | 'schema'
  | 'data-directory';

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The `code` of a system or PostgreSQL error; the empty string when there is none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
