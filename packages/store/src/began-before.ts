import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * Rows that began before a time; with an `id` those too that began at that very moment and come behind it, in the order
 * of the lists: newest first, then by id. Written so that an index over `start_time` serves.
 */
export function beganBefore(timeMs: number, idColumn: string, id: string | undefined): RawBuilder<SqlBool> {
  const time = new Date(timeMs);
  if (id === undefined) return sql<SqlBool>`start_time < ${time}`;
  return sql<SqlBool>`start_time <= ${time} and (start_time < ${time} or ${sql.ref(idColumn)} > ${id})`;
}
