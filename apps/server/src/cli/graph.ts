import { flowGraph, flowSvg } from '@voxology/callflow';
import { Command, Option } from 'commander';
import { readText } from './read-flow.ts';

const EXAMPLES = `
Mermaid is text: GitHub, GitLab and many editors draw it when it stands in a Markdown file between \`\`\`mermaid and \`\`\`;
https://mermaid.live draws it in a browser. SVG is a picture of its own, for any browser or document.

Examples:
  voxology graph flows/menu.json
  voxology graph flows/menu.json > menu.mmd
  voxology graph flows/menu.yaml --format svg > menu.svg`;

const FORMATS = { mermaid: flowGraph, svg: flowSvg };

/** `voxology graph`: a flow as a picture. */
export function graphCommand(): Command {
  return new Command('graph')
    .description('Draw a call flow: a Mermaid flowchart, or an SVG picture.')
    .argument('<FLOW>', 'JSON or YAML file; - is the standard input')
    .addOption(new Option('--format <FORMAT>', 'what to print').choices(Object.keys(FORMATS)).default('mermaid'))
    .addHelpText('after', EXAMPLES)
    .action((file: string, { format }: { format: keyof typeof FORMATS }, command: Command) => {
      try {
        process.stdout.write(FORMATS[format](readText(file)));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        command.error(reason.replace(/^the answer/, file === '-' ? 'the standard input' : file), { exitCode: 2 });
      }
    });
}
