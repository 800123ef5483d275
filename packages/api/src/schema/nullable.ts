import { Type } from 'typebox';

/** A value, or `null` where there is none. */
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T, description: string) =>
  Type.Union([type, Type.Null()], { description });
