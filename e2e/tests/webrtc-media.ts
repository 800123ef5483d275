/** The media engine alone with a real browser: ICE, DTLS, SRTP, and sound both ways. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CodecName, MediaEngine, type MediaSession } from '@voxology/media';
import { until, within } from '../lib/bounded.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { BrowserTab } from '../lib/chromium.ts';
import type { TestContext } from '../lib/context.ts';
import { mediaPortRange } from '../lib/ports.ts';
import { test } from '../lib/suite.ts';
import { shareOf, sine } from '../lib/tone.ts';
import { writeWav } from '../lib/wav.ts';

const PROMPT_HZ = 440;
const MICROPHONE_HZ = 700;
const CONSENT_MS = 7_000;

const PAGE = `<!doctype html><title>WebRTC</title><body><script>
let pc, analyser, sender;
const states = [];
async function call(codec) {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  pc = new RTCPeerConnection();
  pc.onconnectionstatechange = () => states.push(pc.connectionState);
  sender = pc.addTrack(microphone.getAudioTracks()[0], microphone);
  const [transceiver] = pc.getTransceivers();
  const codecs = RTCRtpReceiver.getCapabilities('audio').codecs;
  const wanted = codecs.filter(({ mimeType }) => mimeType === 'audio/' + codec || mimeType === 'audio/telephone-event');
  transceiver.setCodecPreferences(wanted);
  pc.addTransceiver('video');
  pc.ontrack = ({ track, streams }) => {
    if (track.kind !== 'audio') return;
    const stream = new MediaStream([track]);
    const element = document.createElement('audio');
    element.srcObject = stream;
    element.muted = true;
    element.play();
    const context = new AudioContext();
    analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(stream).connect(analyser);
  };
  await pc.setLocalDescription(await pc.createOffer());
  return pc.localDescription.sdp;
}
function heardHz() {
  if (!analyser) return 0;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let best = 0;
  for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
  return bins[best] < -60 ? 0 : best * analyser.context.sampleRate / analyser.fftSize;
}
async function restart() {
  await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
  return pc.localDescription.sdp;
}
async function figures() {
  const all = [...(await pc.getStats()).values()];
  const transport = all.find(({ type }) => type === 'transport');
  const inbound = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
  return { cipher: transport.srtpCipher, lost: inbound.packetsLost, received: inbound.packetsReceived };
}
</script>`;

async function openPage(t: TestContext): Promise<BrowserTab> {
  const http = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
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
  ]);
  await tab.goTo(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
  return tab;
}

async function openSession(t: TestContext, offerCodecs: CodecName[]): Promise<MediaSession> {
  const { low: portLow, high: portHigh } = mediaPortRange(20);
  const engine = await MediaEngine.start({
    host: '127.0.0.1',
    portLow,
    portHigh,
    workers: 1,
    minReadyPorts: 2,
    iceConsentMs: CONSENT_MS,
  });
  t.defer(() => engine.close());
  const session = await engine.createSession({ offerCodecs, capture: true });
  const prompt = engine.loadPrompt({ id: 'tone', samples: sine(PROMPT_HZ, 60, 8_000), sampleRateHz: 8_000 });
  // What is asked for before the start waits for it.
  session.play('tone', prompt);
  return session;
}

/** How much of the latest half second is the microphone's tone. */
function listen(session: MediaSession): () => number {
  let heard: number[] = [];
  let rateHz = 8_000;
  session.on('audio', ({ samples, sampleRateHz }) => {
    rateHz = sampleRateHz;
    heard.push(...samples);
    heard = heard.slice(-rateHz / 2);
  });
  return () => (heard.length < rateHz / 2 ? 0 : shareOf(MICROPHONE_HZ, Int16Array.from(heard), rateHz));
}

for (const codec of ['PCMU', 'opus'] as const) {
  test(`webrtc-media: a browser and the engine hear each other in ${codec}`, { timeoutMs: 90_000 }, async (t) => {
    const tab = await openPage(t);
    const session = await openSession(t, [codec]);
    const microphoneShare = listen(session);
    const digits: string[] = [];
    session.on('digit', ({ digit }) => digits.push(digit));
    const lost: number[] = [];
    session.on('consentLost', ({ silentMs }) => lost.push(silentMs));
    const secured = new Promise<string>((resolve, reject) => {
      session.on('secured', ({ suite }) => resolve(suite));
      session.on('securityFailed', ({ reason }) => reject(new Error(reason)));
    });

    const offer = await tab.value<string>(`call('${codec}')`);
    const answer = session.answerOffer(offer);
    matches(answer, /m=video 0 /, 'the video line is refused');
    session.start();
    const startMs = performance.now();
    await tab.value(`pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`);
    const suite = await within(secured, 20_000, 'the handshake');
    console.log(`  # ${codec}: secured with ${suite} after ${Math.round(performance.now() - startMs)} ms`);

    await tab.until('the browser hears the prompt', `Math.abs(heardHz() - ${PROMPT_HZ}) < 12`);
    await until('the engine hears the microphone', () => microphoneShare() > 0.9 || undefined, 20_000, 100);
    await tab.value(`sender.dtmf.insertDTMF('42#', 120, 70)`);
    await until('the digits are heard', () => digits.join('') === '42#' || undefined, 10_000, 50);

    const offerAgain = await tab.value<string>('restart()');
    const answerAgain = session.answerOffer(offerAgain);
    const ufrag = (sdp: string) => /a=ice-ufrag:(.*)/.exec(sdp)?.[1];
    ok(ufrag(answer) !== ufrag(answerAgain), 'a restart of ICE gets other credentials');
    await tab.value(`pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answerAgain)} })`);
    // Longer than consent lasts without checks.
    await new Promise((resolve) => setTimeout(resolve, CONSENT_MS + 1_000));
    equal(lost, [], 'consent while the call is up');
    await until('the microphone is heard after the restart', () => microphoneShare() > 0.9 || undefined, 20_000, 100);
    await tab.until('the prompt is heard after the restart', `Math.abs(heardHz() - ${PROMPT_HZ}) < 12`);
    const figures = await tab.value<{ cipher: string; lost: number; received: number }>('figures()');
    equal([figures.cipher, figures.lost], [`SRTP_${suite}`, 0], 'what the browser says of the transport');
    ok(figures.received > 300, 'the browser received packets');

    await tab.value('pc.close()');
    await until('the engine misses the checks', () => lost.length > 0 || undefined, CONSENT_MS + 5_000, 100);
    equal(tab.errors, [], 'errors in the page');
    const stats = await session.close();
    ok(stats.packetsReceived > 300 && stats.foreign === 0, `the engine received ${JSON.stringify(stats)}`);
  });
}
