export { type ApiOptions, createApi } from './api.ts';
export type { ApiContext } from './context.ts';
