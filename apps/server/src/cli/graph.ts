import { flowGraph } from '@voxology/callflow';
import { Command } from 'commander';
import { readText } from './read-flow.ts';

const EXAMPLES = `
The picture is text in the Mermaid language: GitHub, GitLab and many editors draw it when it stands in a Markdown file
between \`\`\`mermaid and \`\`\`; https://mermaid.live draws it in a browser.

Examples:
  voxology graph flows/menu.json
  voxology graph flows/menu.json > menu.mmd`;

/** `voxology graph`: a flow as a picture. */
export function graphCommand(): Command {
  return new Command('graph')
    .description('Draw a call flow as a Mermaid flowchart.')
    .argument('<FLOW>', 'JSON or YAML file; - is the standard input')
    .addHelpText('after', EXAMPLES)
    .action((file: string, _options: object, command: Command) => {
      try {
        process.stdout.write(flowGraph(readText(file)));
      } catch (error) {
        command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
      }
    });
}
