import { type Finding, lintDocument } from '@voxology/callflow';
import { Command, Option } from 'commander';
import { addColourOption, coloured } from './colour.ts';
import { namedFlows } from './named-flows.ts';
import { readText, UnreadableFile } from './read-flow.ts';

interface Linted {
  file: string;
  findings: Finding[];
}

const EXAMPLES = `
Examples:
  voxology lint flows/menu.json
  voxology lint flows --format github            all in a folder, for a GitHub workflow
  voxology lint --sms flows/texts.json           a flow for text messages
  cat menu.json | voxology lint -

Exit code: 0 without errors, 1 with errors, 2 when a file cannot be read.
Of a folder, the .json, .yaml and .yml files count that have "actions", those of folders in it too.
The rules, each with an example, are in docs/lint-rules.md.`;

/** `voxology lint`: what is wrong in call flows. */
export function lintCommand(): Command {
  const command = new Command('lint')
    .description('Look for what is wrong in call flows, before a caller finds it.')
    .argument('<FLOW...>', 'JSON or YAML files, or folders of them; - is the standard input')
    .addOption(new Option('--format <FORMAT>', 'how to print').choices(['text', 'json', 'github']).default('text'))
    .option('--sms', 'the flows are for text messages: tell what needs a call')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], { format, sms = false }: { format: 'text' | 'json' | 'github'; sms?: boolean }) => {
      const linted: Linted[] = [];
      const refused = <T>(read: () => T, otherwise: T): T => {
        try {
          return read();
        } catch (error) {
          if (!(error instanceof UnreadableFile)) throw error;
          console.error(error.message);
          process.exitCode = 2;
          return otherwise;
        }
      };
      for (const file of files.flatMap((argument) => refused(() => namedFlows(argument), []))) {
        const text = refused(() => readText(file), null);
        if (text !== null) linted.push({ file, findings: lintDocument(text, { sms }) });
      }
      const print = { text: asText, json: (all: Linted[]) => JSON.stringify(all, null, 2), github: asGithub }[format];
      const text = linted.length === 0 && format !== 'json' ? '' : print(linted);
      if (text !== '') console.log(text);
      const hasErrors = linted.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
      if (hasErrors) process.exitCode ??= 1;
    });
  return addColourOption(command);
}

function asText(linted: Linted[]): string {
  const lines: string[] = [];
  for (const { file, findings } of linted) {
    if (findings.length === 0) {
      lines.push(`${coloured('green', 'ok')}  ${file}`);
      continue;
    }
    lines.push('', coloured('bold', file));
    const places = findings.map(({ line, column }) => `${line}:${column}`);
    const width = Math.max(...places.map(({ length }) => length));
    for (const [index, { severity, message, rule, hint }] of findings.entries()) {
      const mark = coloured(severity === 'error' ? 'red' : 'yellow', severity.padEnd(7));
      lines.push(`  ${(places[index] ?? '').padStart(width)}  ${mark}  ${message}  ${coloured('dim', rule)}`);
      lines.push(`  ${' '.repeat(width + 11)}${coloured('cyan', hint)}`);
    }
    lines.push('');
  }
  lines.push(summary(linted));
  return lines
    .join('\n')
    .replace(/^\n/, '')
    .replace(/\n{3,}/g, '\n\n');
}

function summary(linted: Linted[]): string {
  const findings = linted.flatMap((one) => one.findings);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const files = counted(linted.length, 'file');
  return `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')} in ${files}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Workflow commands: GitHub shows them beside the lines they are about. */
function asGithub(linted: Linted[]): string {
  return linted
    .flatMap(({ file, findings }) =>
      findings.map(({ severity, line, column, rule, message, hint }) => {
        const place = `file=${property(file)},line=${line},col=${column},title=${property(rule)}`;
        return `::${severity} ${place}::${escaped(`${message}${/[.?!]$/.test(message) ? '' : '.'} ${hint}`)}`;
      }),
    )
    .join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
