import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LINE_RATE_HZ } from './audio.ts';
import { browserBundle } from './browser-bundle.ts';
import { BrowserTab } from './chromium.ts';
import type { TestContext } from './context.ts';
import type { Server } from './server.ts';
import { sine } from './tone.ts';
import { writeWav } from './wav.ts';

/** What the browser's microphone hears. */
export const MICROPHONE_HZ = 700;

// What a page of a user does with JsSIP, and an ear: the far side's sound at the telephone's rate.
const PAGE = `<!doctype html><title>Phone</title><body><script src="/jssip.js"></script><script>
const states = [], errors = [];
let ua, session, analyser;
const heard = [];
function listen(track) {
  const stream = new MediaStream([track]);
  const element = document.createElement('audio');
  element.srcObject = stream;
  element.muted = true;
  element.play();
  const context = new AudioContext({ sampleRate: ${LINE_RATE_HZ} });
  const source = context.createMediaStreamSource(stream);
  analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const tap = context.createScriptProcessor(1024, 1, 1);
  tap.onaudioprocess = ({ inputBuffer }) => heard.push(inputBuffer.getChannelData(0).slice());
  source.connect(tap);
  tap.connect(context.destination);
}
function follow(made) {
  session = made;
  for (const name of ['progress', 'accepted', 'confirmed']) made.on(name, () => states.push(name));
  made.on('ended', ({ originator, cause }) => states.push('ended by ' + originator));
  made.on('failed', ({ originator, cause }) => states.push('failed: ' + cause));
  const watch = (connection) => connection.addEventListener('track', ({ track }) => listen(track));
  if (made.connection) watch(made.connection);
  else made.on('peerconnection', ({ peerconnection }) => watch(peerconnection));
}
function register({ url, uri, password }) {
  ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)], uri, password, register_expires: 600 });
  for (const name of ['connected', 'disconnected', 'registered', 'unregistered']) ua.on(name, () => states.push(name));
  ua.on('registrationFailed', ({ cause }) => states.push('registrationFailed: ' + cause));
  ua.on('newRTCSession', (event) => {
    follow(event.session);
    if (event.originator === 'remote') states.push('called by ' + event.request.from.uri.user);
  });
  ua.start();
}
const media = { mediaConstraints: {
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false } };
function level() {
  if (!analyser) return 0;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
}
function recording() {
  const samples = Int16Array.from(heard.flatMap((block) => [...block]), (value) => Math.round(value * 32767));
  let text = '';
  for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
</script>`;

/** A browser with a page of JsSIP, whose microphone hears a tone. */
export class BrowserPhone {
  readonly tab: BrowserTab;
  private readonly server: Server;

  private constructor(tab: BrowserTab, server: Server) {
    this.tab = tab;
    this.server = server;
  }

  /** Opens the page, served by somebody else than the server of the calls. */
  static async open(t: TestContext, server: Server): Promise<BrowserPhone> {
    const script = browserBundle(import.meta.resolve('jssip'), 'JsSIP');
    const http = createServer((request, response) => {
      const isScript = request.url === '/jssip.js';
      response.setHeader('content-type', `text/${isScript ? 'javascript' : 'html'}; charset=utf-8`);
      response.end(isScript ? script : PAGE);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    t.defer(() => {
      http.closeAllConnections();
      http.close();
    });
    const microphone = t.file('microphone.wav');
    writeWav(microphone, sine(MICROPHONE_HZ, 10, 48_000), 48_000);
    const tab = await BrowserTab.open(t, [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      // A page that is left is gone, not kept frozen with its connections.
      '--disable-features=BackForwardCache',
    ]);
    await tab.goTo(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    return new BrowserPhone(tab, server);
  }

  /** Registers the user of quickstart.json, with this password when it is given; resolves when the answer has come. */
  async register(password = this.server.quickstart.sip_password): Promise<void> {
    const { http_url: http, sip_user: user, sip_domain: domain } = this.server.quickstart;
    const url = `${http.replace(/^http/, 'ws').replace(/\/$/, '')}/sip`;
    await this.tab.value(`register(${JSON.stringify({ url, uri: `sip:${user}@${domain}`, password })})`);
    await this.reaches('registered|registrationFailed.*');
  }

  /** Loses its WebSocket, as with a change of network, and resolves when it has connected and registered anew. */
  async reconnect(): Promise<void> {
    const registered = 'states.filter((state) => state === "registered").length';
    const before = await this.tab.value<number>(registered);
    await this.tab.value('ua.transport.socket._ws.close()');
    await this.tab.until('the browser is registered again', `${registered} > ${before}`, 20_000);
  }

  async call(no: string): Promise<void> {
    await this.tab.value(`void ua.call('sip:${no}@${this.server.quickstart.sip_domain}', media)`);
  }

  async answer(): Promise<void> {
    await this.tab.value('session.answer(media)');
  }

  /** Presses a key, by RFC 4733 or by SIP INFO. */
  async press(key: string, how: 'RFC2833' | 'INFO'): Promise<void> {
    if (how === 'RFC2833') {
      await this.tab.until('keys can be sent', 'session.connection.getSenders()[0].dtmf.canInsertDTMF');
    }
    await this.tab.value(`session.sendDTMF('${key}', { transportType: '${how}', duration: 120 })`);
  }

  async hangUp(): Promise<void> {
    await this.tab.value('session.terminate()');
  }

  /** What happened so far, in order. */
  states(): Promise<string[]> {
    return this.tab.value('states');
  }

  /** Waits until a state that the pattern matches as a whole was reached. */
  async reaches(pattern: string, timeoutMs = 20_000): Promise<void> {
    await this.tab.until(
      `the browser is ${pattern}`,
      `states.some((state) => /^(?:${pattern})$/.test(state))`,
      timeoutMs,
    );
  }

  /** Waits until the AnalyserNode sees sound. */
  async hears(): Promise<void> {
    await this.tab.until('the browser hears something', 'level() > 0.05');
  }

  /** All that was heard, as 8 kHz samples. */
  async heard(): Promise<Int16Array> {
    const bytes = Buffer.from(await this.tab.value<string>('recording()'), 'base64');
    return Int16Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readInt16LE(at * 2));
  }
}
