import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, within } from './bounded.ts';
import { needProgram, startChild } from './child.ts';
import type { TestContext } from './context.ts';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
];

interface Reply {
  id?: number;
  method?: string;
  params?: { request?: { url?: string }; exceptionDetails?: unknown };
  result?: { result?: { value?: unknown }; exceptionDetails?: { exception?: { description?: string } } };
  error?: { message?: string };
}

/** One tab of a real Chromium, driven over its DevTools protocol. */
export class BrowserTab {
  /** Every URL that the tab asked for. */
  readonly requested: string[] = [];
  /** Uncaught errors of the pages. */
  readonly errors: string[] = [];
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private commands = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.take(JSON.parse(String(data)) as Reply));
  }

  /** Starts the browser with an empty profile and opens a tab. `flags`: more options of its command line. */
  static async open(t: TestContext, flags: readonly string[] = []): Promise<BrowserTab> {
    needProgram('chromium');
    const profile = t.file('chromium');
    const logFile = t.file('chromium.log');
    const options = [...FLAGS, ...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`];
    const child = startChild('chromium', options, { logFile });
    t.defer(async () => {
      child.signalGroup('SIGKILL');
      await within(child.exited, 5_000, 'chromium ends');
    });
    t.onFailure(() => `chromium:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    const portFile = join(profile, 'DevToolsActivePort');
    const port = await until(
      'chromium takes commands',
      () => (existsSync(portFile) && readFileSync(portFile, 'utf8').split('\n')[0]) || undefined,
      40_000,
      50,
    );
    const created = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: 'PUT' });
    const { webSocketDebuggerUrl } = (await created.json()) as { webSocketDebuggerUrl: string };
    const socket = new WebSocket(webSocketDebuggerUrl);
    await within(
      new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve());
        socket.addEventListener('error', () => reject(new Error('chromium refused the connection')));
      }),
      20_000,
      'the DevTools connection',
    );
    const tab = new BrowserTab(socket);
    t.defer(() => socket.close());
    for (const domain of ['Page', 'Network', 'Runtime']) await tab.command(`${domain}.enable`);
    return tab;
  }

  async goTo(url: string): Promise<void> {
    await this.command('Page.navigate', { url });
    await this.until('the page is loaded', `document.readyState === 'complete' && location.href !== 'about:blank'`);
  }

  /** Value of a JavaScript expression in the page. */
  async value<T>(expression: string): Promise<T> {
    const reply = await this.command('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    const thrown = reply.result?.exceptionDetails;
    if (thrown !== undefined) throw new Error(`${expression}: ${thrown.exception?.description ?? 'failed'}`);
    return reply.result?.result?.value as T;
  }

  /** Waits until a JavaScript expression is true-ish. */
  async until(what: string, expression: string, timeoutMs = 20_000): Promise<void> {
    await until(what, async () => ((await this.value(expression)) ? true : undefined), timeoutMs, 100);
  }

  /** What a reader sees. */
  text(): Promise<string> {
    return this.value('document.body.innerText');
  }

  /** Types into a field as a person does, then presses Enter. */
  async type(selector: string, text: string): Promise<void> {
    await this.value(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.command('Input.insertText', { text });
    for (const type of ['keyDown', 'keyUp']) {
      await this.command('Input.dispatchKeyEvent', { type, key: 'Enter', text: '\r', windowsVirtualKeyCode: 13 });
    }
  }

  private command(method: string, params: Record<string, unknown> = {}): Promise<Reply> {
    const id = ++this.commands;
    const reply = new Promise<Reply>((resolve, reject) => {
      this.waiting.set(id, (answer) => {
        if (answer.error === undefined) resolve(answer);
        else reject(new Error(`${method}: ${answer.error.message}`));
      });
    });
    this.socket.send(JSON.stringify({ id, method, params }));
    return within(reply, 20_000, `chromium answers ${method}`);
  }

  private take(message: Reply): void {
    if (message.id !== undefined) this.waiting.get(message.id)?.(message);
    else if (message.method === 'Network.requestWillBeSent') this.requested.push(message.params?.request?.url ?? '');
    else if (message.method === 'Runtime.exceptionThrown') {
      this.errors.push(JSON.stringify(message.params?.exceptionDetails));
    }
  }
}
