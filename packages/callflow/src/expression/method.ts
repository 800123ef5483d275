import type { Frame } from './frame.ts';

/** A method of a kind of value. `args[0]` may be a Callback for the methods that take one. */
export type Method<T> = (receiver: T, args: unknown[], frame: Frame) => unknown;

/** The methods of one kind of value, by name. */
export interface Methods<T> {
  readonly [name: string]: Method<T>;
  // Named for TypeScript, which would take them for those of every object.
  readonly toString: Method<T>;
  readonly valueOf: Method<T>;
}
