import pg from 'pg';
import { errorCode, errorText } from './errors.ts';

/**
 * SQLSTATEs (PostgreSQL manual, appendix A) after which the same statement may well succeed later: connection lost (08),
 * resources or disk short (53), server stopping or starting (57P0x), I/O (58), serialisation and deadlock (40001, 40P01),
 * a standby that has not taken over yet (25006).
 */
const passing = /^(?:08|53|57P0|58|40001|40P01|25006)/;
const network = /^(?:ECONN|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET)/;
/** The messages of pg and pg-pool for a lost connection and for their time limits; these errors have no code. */
const withoutCode =
  /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|Query read timeout|timeout e)/;

/** Whether an error tells of a database that is away, not of a statement that is wrong. */
export function isOutage(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return passing.test(error.code ?? '');
  return network.test(errorCode(error)) || withoutCode.test(errorText(error));
}
