/**
 * The version of the schema, as in its `$id`. The second number grows with the language: what the schema before it found
 * right is right still, but for what no call has ever taken, such as an address that is none. The first is another language.
 */
export const SCHEMA_VERSION = '1.1';

/** Earlier versions, kept beside the package in `schema/v1/`. */
export const KEPT_SCHEMA_VERSIONS: readonly string[] = ['1.0'];

const ID = 'urn:voxology:call-flow:';

export function schemaIdOf(version: string): string {
  return `${ID}${version}`;
}

/** The version that an address names, as {@link schemaIdOf} writes it; null for one that names none. */
export function versionIn(id: string): string | null {
  return id.startsWith(ID) ? id.slice(ID.length) : null;
}
