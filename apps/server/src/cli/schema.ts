import { readFileSync } from 'node:fs';
import { flowJsonSchema, KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION } from '@voxology/callflow';
import { Command, Option } from 'commander';

const EXAMPLES = `
Editors complete and check what names it:
  JSON  {"$schema": "./flow.schema.json", "actions": [ … ]}
  YAML  # yaml-language-server: $schema=./flow.schema.json

Examples:
  voxology schema > flow.schema.json
  voxology schema --version 1.0 > flow.schema.json`;

/** `voxology schema`: what an editor needs to complete and check call flows. */
export function schemaCommand(): Command {
  const version = new Option('--version <VERSION>', 'an earlier version, which later ones still find right')
    .choices([...KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION])
    .default(SCHEMA_VERSION);
  return new Command('schema')
    .description('Print the JSON Schema of call flows, for editors.')
    .addOption(version)
    .addHelpText('after', EXAMPLES)
    .action(({ version }: { version: string }) => {
      const isCurrent = version === SCHEMA_VERSION;
      process.stdout.write(isCurrent ? `${JSON.stringify(flowJsonSchema(), null, 2)}\n` : keptSchema(version));
    });
}

function keptSchema(version: string): string {
  const current = import.meta.resolve('@voxology/callflow/flow.schema.json');
  return readFileSync(new URL(`v${version.split('.')[0]}/${version}.schema.json`, current), 'utf8');
}
