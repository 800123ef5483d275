import { flowJsonSchema } from '@voxology/callflow';
import { Command } from 'commander';

const EXAMPLES = `
Editors complete and check what names it:
  JSON  {"$schema": "./flow.schema.json", "actions": [ … ]}
  YAML  # yaml-language-server: $schema=./flow.schema.json

Examples:
  voxology schema > flow.schema.json`;

/** `voxology schema`: what an editor needs to complete and check call flows. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of call flows, for editors.')
    .addHelpText('after', EXAMPLES)
    .action(() => {
      process.stdout.write(`${JSON.stringify(flowJsonSchema(), null, 2)}\n`);
    });
}
