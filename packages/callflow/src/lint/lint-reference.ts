import { looksLikeYaml } from '../document/yaml.ts';
import type { JsonObject } from '../io.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';

const INTRODUCTION = `# Lint rules

\`voxology lint FLOW…\` looks for what is wrong in a call flow before a caller finds it. An error means that the call will
not do what is written; a warning, that it most likely will not do what was meant. The same linter is
\`lintDocument(text)\` of \`@voxology/callflow\`.
`;

/** docs/lint-rules.md, made from the rules themselves, whose examples are tested. */
export function lintReference(): string {
  const rows = RULES.map(({ name, severity, summary }) => `| [${name}](#${name}) | ${severity} | ${summary} |`);
  const table = `| rule | severity | what |\n|---|---|---|\n${rows.join('\n')}\n`;
  return `${INTRODUCTION}\n${table}\n${RULES.map(section).join('\n')}`;
}

function section({ name, severity, summary, description, bad, good }: Rule): string {
  return (
    `## ${name}\n\n${summary} ${description} *${severity === 'error' ? 'Error' : 'Warning'}.*\n\n` +
    `Bad:\n\n${written(bad)}\nGood:\n\n${written(good)}`
  );
}

function written(example: JsonObject | string): string {
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
  return `\`\`\`${looksLikeYaml(text) ? 'yaml' : 'json'}\n${text}\n\`\`\`\n`;
}
