import { expect, onTestFinished } from 'vitest';
import { Egress, EgressError, type EgressOptions, type EgressRequest } from '../index.ts';

/** For tests: a client that may reach 127.0.0.1 and retries at once, closed when the test ends. */
export function client(options: EgressOptions = {}): Egress {
  const egress = new Egress({ allowPrivate: ['127.0.0.0/8'], retryDelays: { baseMs: 1, maxMs: 2_000 }, ...options });
  onTestFinished(() => egress.close());
  return egress;
}

/** For tests: the error of a request that must fail. */
export async function failure(egress: Egress, request: EgressRequest): Promise<EgressError> {
  const outcome = await egress.request(request).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(EgressError);
  return outcome as EgressError;
}

export const text = (body: Uint8Array): string => Buffer.from(body).toString();
