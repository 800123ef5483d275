import { ConfigSchema } from './schema.ts';

interface Described {
  type?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  properties?: Record<string, Described>;
  anyOf?: (Described & { const?: unknown })[];
  items?: Described;
}

type Section = [title: string, prefix: string, properties: Record<string, Described>];

const INTRODUCTION = `# Configuration

Every setting has a default, so none is needed. Those of the first table have a flag and an environment variable too:
flags win over the environment, the environment over the configuration file (\`--config FILE\` or \`VOXOLOGY_CONFIG\`, JSON),
the file over the defaults. A value that cannot be used stops the start with the setting's name and what is allowed.

| setting | flag | environment |
|---|---|---|
| \`data\` | \`--data DIR\` | \`VOXOLOGY_DATA\` |
| \`http\` | \`--http HOST:PORT\` | \`VOXOLOGY_HTTP\` |
| \`sip\` | \`--sip HOST:PORT\` | \`VOXOLOGY_SIP\` |
| \`rtp\` | \`--rtp HOST:LOW-HIGH\` | \`VOXOLOGY_RTP\` |
| \`advertise\` | \`--advertise ADDRESS\` | \`VOXOLOGY_ADVERTISE\` |
| \`database_url\` | | \`DATABASE_URL\` |
`;

/** docs/configuration.md, made from the schema so that the two cannot differ. */
export function configurationReference(): string {
  const root = ConfigSchema as Described;
  const sections: Section[] = [['All settings', '', {}]];
  for (const [name, setting] of Object.entries(root.properties ?? {})) {
    if (setting.properties === undefined) (sections[0] as (typeof sections)[0])[2][name] = setting;
    else sections.push(...sectionsOf(name, setting.properties));
    if (setting.items?.properties !== undefined) sections.push([`Each of \`${name}\``, '', setting.items.properties]);
  }
  const tables = sections.map(
    ([title, prefix, properties]) =>
      `## ${title}\n\n| setting | default | allowed | what |\n|---|---|---|---|\n${Object.entries(properties)
        .map(([name, setting]) => row(`${prefix}${name}`, setting))
        .join('\n')}\n`,
  );
  return `${INTRODUCTION}\n${tables.join('\n')}`;
}

/** A section of the file, and the sections within it behind it. */
function sectionsOf(path: string, properties: Record<string, Described>): Section[] {
  const isSection = ([, { properties: inner }]: [string, Described]) => inner !== undefined;
  const all = Object.entries(properties);
  return [
    [`\`${path}\``, `${path}.`, Object.fromEntries(all.filter((one) => !isSection(one)))],
    ...all.filter(isSection).flatMap(([name, inner]) => sectionsOf(`${path}.${name}`, inner.properties ?? {})),
  ];
}

function row(name: string, setting: Described): string {
  const value = setting.default === undefined ? '' : `\`${JSON.stringify(setting.default)}\``;
  return `| \`${name}\` | ${value} | ${allowed(setting)} | ${setting.description ?? ''} |`.replaceAll('  ', ' ');
}

function allowed({ minimum, maximum, pattern, anyOf, type, items }: Described): string {
  if (minimum !== undefined) return `${minimum} to ${maximum}`;
  if (pattern !== undefined) return `matches \`${pattern.replaceAll('|', '\\|')}\``;
  if (anyOf !== undefined)
    return anyOf.map((each) => (each.const === undefined ? (each.type ?? '') : `\`${each.const}\``)).join(', ');
  return type === 'array' ? `list of ${items?.type ?? 'value'}s` : (type ?? '');
}
