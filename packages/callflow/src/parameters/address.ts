import type { CompiledParameters, Warn } from './compile.ts';
import { anyCase, type TextForm } from './text-form.ts';

/** A kind of address that an action asks for, and how it is called. */
export interface AddressKind {
  readonly name: string;
  readonly pattern: RegExp;
  /** The same for editors. */
  readonly form: TextForm;
}

function formOf(scheme: string): TextForm {
  return `^\\s*${anyCase(scheme)}[sS]?://[^\\s/?#]`;
}

/** An address, or blank for none. */
export function addressOrBlank({ form }: AddressKind): TextForm {
  return `^\\s*$|${form}`;
}

export const HTTP_ADDRESS: AddressKind = {
  name: 'http(s) address',
  pattern: /^https?:\/\/[^\s/?#]/i,
  form: formOf('http'),
};
export const WEBSOCKET_ADDRESS: AddressKind = {
  name: 'ws(s) address',
  pattern: /^wss?:\/\/[^\s/?#]/i,
  form: formOf('ws'),
};

/** Why a text is not the address that is asked for, white space around it aside; null when it is one. */
export function addressFault(written: string, { name, pattern }: AddressKind): string | null {
  const address = written.trim();
  return pattern.test(address) ? null : `"${address.slice(0, 200)}" is no ${name}`;
}

/** Warns of addresses in a parameter that are none, where they are known before the call. */
export function checkAddresses({ fixed }: CompiledParameters, name: string, kind: AddressKind, warn: Warn): void {
  const value = fixed[name] ?? null;
  for (const one of Array.isArray(value) ? value : [value]) {
    const fault = typeof one === 'string' && one.trim() !== '' ? addressFault(one, kind) : null;
    if (fault !== null) warn(`params.${name}: ${fault}`);
  }
}
