import { type Static, Type } from 'typebox';

/** Every answer of 400 and above (voxology-api.md §1.1): what went wrong, and how to mend it. */
export const ErrorBody = Type.Object(
  {
    status: Type.Integer({ description: 'The HTTP status again.' }),
    message: Type.String({ description: 'What was wrong, and where.' }),
    help: Type.String({ description: 'How to mend it.' }),
  },
  { title: 'Error' },
);
export type ErrorBody = Static<typeof ErrorBody>;

/** A request that cannot be served; becomes an {@link ErrorBody}. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  readonly help: string;

  constructor(statusCode: number, message: string, help: string) {
    super(message);
    this.statusCode = statusCode;
    this.help = help;
  }
}

/** Any method can be asked too often or while the server cannot serve. */
const ALWAYS = [429, 503] as const;

/** The error answers of a route, for its schema. */
export function errors<Status extends 400 | 401 | 404 | 416 | 501 | 502>(
  ...statuses: Status[]
): Record<Status | (typeof ALWAYS)[number], typeof ErrorBody> {
  return Object.fromEntries([...statuses, ...ALWAYS].map((status) => [status, ErrorBody])) as Record<
    Status | (typeof ALWAYS)[number],
    typeof ErrorBody
  >;
}
