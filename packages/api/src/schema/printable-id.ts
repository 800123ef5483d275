import { Type } from 'typebox';

/** An id in a query or a path: opaque, and printable, so that the database takes it. */
export const PrintableId = (maxLength: number, description?: string) =>
  Type.String({ maxLength, pattern: '^[!-~]+$', ...(description !== undefined && { description }) });
