import { createHmac } from 'node:crypto';
import { CallbackServer, type RecordedRequest } from './callback-server.ts';
import { equal } from './check.ts';
import type { TestContext } from './context.ts';
import type { Server } from './server.ts';
import { ownServer } from './shared-server.ts';

const KEY = 'a key for signatures';

/** A server that signs what it tells, and tells it twice before it leaves it to its jobs. */
export function signingServer(t: TestContext): Promise<Server> {
  return ownServer(t, { config: { callbacks: { retries: 1, signature_key: KEY } } });
}

/** Whoever is told by webhooks. */
export class WebhookReceiver {
  readonly url: string;
  readonly #server: CallbackServer;
  readonly #health: { isWell: boolean };

  private constructor(server: CallbackServer, health: { isWell: boolean }) {
    this.#server = server;
    this.#health = health;
    this.url = server.url;
  }

  /** Takes everything, but for what it `refuses` until {@link toldAfterCrash}. */
  static async open(
    t: TestContext,
    refuses: (request: RecordedRequest) => boolean = () => false,
  ): Promise<WebhookReceiver> {
    const health = { isWell: false };
    const server = await CallbackServer.open(t, (request) => ({
      status: health.isWell || !refuses(request) ? 204 : 503,
    }));
    return new WebhookReceiver(server, health);
  }

  /** What it is told of this type: the latest of `count`. */
  async told(type: string, count = 1): Promise<RecordedRequest> {
    const latest = (await this.#server.waitFor(count, { type, timeoutMs: 40_000 })).at(-1);
    if (latest === undefined) throw new Error(`the receiver was not told of ${type}`);
    return latest;
  }

  /** Kills the server, takes everything from now on, starts the server; what it is told then. */
  async toldAfterCrash(server: Server, type: string): Promise<RecordedRequest> {
    await server.kill9();
    this.#health.isWell = true;
    const refused = this.#server.ofType(type).length;
    await server.start();
    return this.told(type, refused + 1);
  }

  assertSigned({ method, headers, bodyText }: RecordedRequest): void {
    const text = `${headers['x-voxology-timestamp']}.${method}.${this.url}/.${bodyText}`;
    const signature = `v1=${createHmac('sha256', KEY).update(text).digest('hex')}`;
    equal(headers['x-voxology-signature'], signature, `the signature of ${bodyText.slice(0, 40)}`);
  }

  /** Requests of this type so far. */
  ofType(type: string): RecordedRequest[] {
    return this.#server.ofType(type);
  }
}
