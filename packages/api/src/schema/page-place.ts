import { ApiError } from './error.ts';

/**
 * Lists go on behind a row that is named by its id beside its time. Throws {@link ApiError} 400 for an id alone, which says
 * nothing of when that was; `idName` and `timeName` are the parameters of the query.
 */
export function checkPagePlace(
  idName: string,
  id: string | undefined,
  timeName: string,
  time: string | undefined,
): void {
  if (id === undefined || time !== undefined) return;
  throw new ApiError(
    400,
    `${idName} is of no use without ${timeName}`,
    `Give \`${timeName}\` too: the \`start_time\` of that one.`,
  );
}
