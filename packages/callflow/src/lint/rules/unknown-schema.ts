import { KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION, schemaIdOf, versionIn } from '../../schema/schema-version.ts';
import { memberOf } from '../placed-json.ts';
import type { Complaint, Rule } from '../rule.ts';

const KNOWN = [...KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION];
const LONGEST_SHOWN = 60;

export const unknownSchema: Rule = {
  name: 'unknown-schema',
  severity: 'warning',
  summary: '`$schema` names a schema that no call flow of this version has.',
  description:
    'It is for editors and means nothing to a call. A file or an address is taken as it is; a version is one of those that ' +
    'there are: a later one may have actions that this server does not know.',
  bad: { $schema: 'urn:voxology:call-flow:7.0', actions: [{ type: 'HANGUP' }] },
  good: { $schema: `urn:voxology:call-flow:${SCHEMA_VERSION}`, actions: [{ type: 'HANGUP' }] },
  checkFlow({ root, schema }) {
    if (schema === undefined) return [];
    const { start: offset } = memberOf(root, '$schema')?.value ?? root;
    const complain = (message: string, hint: string): Complaint[] => [{ offset, path: '$schema', message, hint }];
    const hint = `Write "${schemaIdOf(SCHEMA_VERSION)}", or the file that "voxology schema" wrote.`;
    if (typeof schema !== 'string') return complain('"$schema" is no text', hint);
    if (/^https?:\/\/json-schema\.org\//.test(schema))
      return complain('"$schema" names JSON Schema itself, not the schema of call flows', hint);
    const version = versionIn(schema);
    if (version === null || KNOWN.includes(version)) return [];
    const shown = version.slice(0, LONGEST_SHOWN);
    return complain(`there is no version "${shown}" of the schema of call flows`, `There are ${KNOWN.join(', ')}.`);
  },
};
