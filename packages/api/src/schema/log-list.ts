import { type Static, Type } from 'typebox';
import { checkPagePlace } from './page-place.ts';
import { PrintableId } from './printable-id.ts';

const MAX_ROWS = 1000;
const DEFAULT_ROWS = 100;
const DAY_MS = 86_400_000;

/** Query of the lists of logs (voxology-api.md §6.8). */
export const ListQuery = Type.Object({
  begin_date: Type.Optional(Type.String({ format: 'date-time', description: 'Default: a day before the end.' })),
  end_date: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now.' })),
  end_id: Type.Optional(
    PrintableId(200, 'With `end_date`: those too that began at that very moment and come behind this one.'),
  ),
  direction: Type.Optional(Type.Union([Type.Literal('inbound'), Type.Literal('outbound')])),
  max_results: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: DEFAULT_ROWS })),
});

/**
 * The period and the number of rows that a query asks for, for the store and as the answer shows them.
 *
 * @throws ApiError 400 for an `end_id` that nothing says the time of
 */
export function listedPeriod({
  begin_date: begin,
  end_date: end,
  end_id: endId,
  max_results: most = DEFAULT_ROWS,
}: Static<typeof ListQuery>) {
  checkPagePlace('end_id', endId, 'end_date', end);
  const endTimeMs = end === undefined ? Date.now() : Date.parse(end);
  const beginTimeMs = begin === undefined ? endTimeMs - DAY_MS : Date.parse(begin);
  return {
    most,
    period: { beginTimeMs, endTimeMs, endId },
    shown: { begin_date: new Date(beginTimeMs).toISOString(), end_date: new Date(endTimeMs).toISOString() },
  };
}
