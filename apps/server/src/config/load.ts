import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { type HostPort, type HostPortRange, parseHostPort, parseHostPortRange } from './address.ts';
import { type Config, ConfigSchema } from './schema.ts';

/** A configuration that cannot be used; the message names the setting, the value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Settings extends Omit<Config, 'http' | 'sip' | 'rtp'> {
  http: HostPort;
  sip: HostPort;
  rtp: HostPortRange;
}

/** Settings that have a flag and an environment variable; flags come first, then the environment, then the file. */
export const FLAGS = ['data', 'http', 'sip', 'rtp', 'advertise'] as const;
export type Flags = Partial<Record<(typeof FLAGS)[number] | 'config', string>>;

const validator = Compile(ConfigSchema);

/** Reads flags, environment and configuration file. Throws {@link ConfigError}. Paths come back absolute. */
export function loadSettings(flags: Flags, env: NodeJS.ProcessEnv): Settings {
  const file = flags.config ?? env.VOXOLOGY_CONFIG;
  const values: Record<string, unknown> = file === undefined ? {} : readFile(file);
  if (env.DATABASE_URL !== undefined && env.DATABASE_URL !== '') values.database_url ??= env.DATABASE_URL;
  const origin = new Map<string, string>(Object.keys(values).map((key) => [key, `${key} in ${file}`]));
  for (const name of FLAGS) {
    const variable = `VOXOLOGY_${name.toUpperCase()}`;
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== '') {
      values[name] = fromEnv;
      origin.set(name, variable);
    }
    if (flags[name] !== undefined) {
      values[name] = flags[name];
      origin.set(name, `--${name}`);
    }
  }
  const config = Value.Default(ConfigSchema, values);
  if (!validator.Check(config)) throw new ConfigError(explain(config, file));
  const address = <T>(name: 'http' | 'sip' | 'rtp', parse: (text: string) => T): T => {
    try {
      return parse(config[name]);
    } catch (error) {
      throw new ConfigError(`${origin.get(name) ?? name}: ${(error as Error).message}`);
    }
  };
  if (config.advertise !== null && isIP(config.advertise) === 0) {
    throw new ConfigError(`${origin.get('advertise')}: "${config.advertise}" is not an IP address`);
  }
  return {
    ...config,
    data: resolve(config.data),
    http: address('http', parseHostPort),
    sip: address('sip', parseHostPort),
    rtp: address('rtp', parseHostPortRange),
  };
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} is not JSON: ${(error as Error).message}`);
  }
  throw new ConfigError(`The configuration file ${file} must hold a JSON object`);
}

function explain(config: unknown, file: string | undefined): string {
  const faults = validator.Errors(config);
  // An unknown setting is told once, not also as a value that fits no schema.
  const known = faults.filter(({ message }) => message !== 'schema is false');
  const lines = (known.length > 0 ? known : faults).map(({ instancePath, message, keyword, params }) => {
    const setting = instancePath.slice(1).replaceAll('/', '.') || '(top level)';
    if (keyword === 'additionalProperties') {
      const names = (params as { additionalProperties?: string[] }).additionalProperties ?? [];
      return `${setting}: unknown setting ${names.join(', ')}`;
    }
    const value: unknown = Value.Pointer.Get(config, instancePath);
    return `${setting}: ${message}, but it is ${JSON.stringify(value)}${allowedRange(instancePath)}`;
  });
  return `The configuration${file === undefined ? '' : ` ${file}`} cannot be used:\n  ${[...new Set(lines)].join('\n  ')}`;
}

/** The range of a numeric setting, from the schema. */
function allowedRange(instancePath: string): string {
  const schema = instancePath
    .split('/')
    .slice(1)
    .reduce<{ properties?: Record<string, unknown>; minimum?: number; maximum?: number } | undefined>(
      (at, key) => at?.properties?.[key] as typeof at,
      ConfigSchema as object,
    );
  return schema?.minimum === undefined ? '' : ` (allowed: ${schema.minimum} to ${schema.maximum})`;
}
