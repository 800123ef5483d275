export type { CircuitBreakerOptions } from './circuit-breaker.ts';
export type { Resolve } from './connector.ts';
export { Egress, type EgressRequest, type EgressResponse } from './egress.ts';
export { type Attempt, EgressError, type EgressErrorCode } from './egress-error.ts';
export type { EgressSocket, SocketRequest } from './egress-socket.ts';
export type { EgressOptions } from './options.ts';
export type { RetryDelays } from './retry.ts';
