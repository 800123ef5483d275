const shape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL's `uuid` type takes the text: else a lookup by it would fail instead of finding nothing. */
export function isUuid(text: string): boolean {
  return shape.test(text);
}
