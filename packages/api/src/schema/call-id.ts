import { Type } from 'typebox';

/** A call in a path. Opaque (voxology-api.md §3.2): whatever is printable, an `@` among it. */
export const CallIdParams = Type.Object({
  call_id: Type.String({ maxLength: 200, pattern: '^[!-~]+$', examples: ['10605776@17155753'] }),
});
