import type { JsonObject } from '../io.ts';
import type { SimulatedAnswer } from './script.ts';

/** Gives the document to whoever asks the `configured` address; other addresses are for `redirects`, and fail without. */
export function documentSource<Request extends { url: string }>(
  flow: JsonObject | string,
  configured: string,
  redirects: ((request: Request) => SimulatedAnswer) | undefined,
): (request: Request) => SimulatedAnswer {
  const text = typeof flow === 'string' ? flow : JSON.stringify(flow);
  return (request) => {
    if (request.url === configured) return text;
    if (redirects !== undefined) return redirects(request);
    throw new Error(`nobody answers ${request.url} in this simulation; give "redirects" in the script`);
  };
}
