import type { Input } from '@voxology/callflow';

/** An input as its source knows it; the call adds the time. */
export type CallInput = Input extends infer I ? (I extends Input ? Omit<I, 'atMs'> : never) : never;
export type PostInput = (input: CallInput) => void;
