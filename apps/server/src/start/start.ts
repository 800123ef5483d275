import { createSecretKey, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createApi } from '@voxology/api';
import { Egress } from '@voxology/egress';
import { AudioDecoder, MediaEngine, resampleShared } from '@voxology/media';
import { SipEndpoint } from '@voxology/sip';
import { Speech } from '@voxology/speech';
import { openStore } from '@voxology/store';
import { Telephony } from '@voxology/telephony';
import pino, { type Logger } from 'pino';
import { formatHostPort } from '../config/address.ts';
import type { Settings } from '../config/load.ts';
import { allowedHosts } from './allowed-hosts.ts';
import { CallAudioMetrics } from './call-audio-metrics.ts';
import { ensureAccount } from './first-start.ts';
import { serveHealth } from './health.ts';
import { serveMetrics } from './metrics.ts';
import { naming } from './naming.ts';
import { type Quickstart, quickstart, writeQuickstart } from './quickstart.ts';
import { recognition } from './recognition.ts';
import { serveSampleFlows } from './sample-flows.ts';
import { sipWebSockets } from './sip-websocket.ts';
import { serveStartPage } from './start-page.ts';
import { telephonySettings } from './telephony-settings.ts';

export interface RunningServer {
  quickstart: Quickstart;
  /** The file the quickstart is in. */
  quickstartPath: string;
  recoveredCalls: number;
  /** Takes no more calls, gives the live ones `graceMs`, then ends them, writes everything and stops. */
  stop(graceMs: number): Promise<void>;
}

const TELEPHONE_RATE_HZ = 8000;
const HANG_UP_MS = 5000;

/** Starts everything. What was started before a failure is stopped again; the error says what failed. */
export async function startServer(settings: Settings, version: string): Promise<RunningServer> {
  const log: Logger = pino({ level: settings.log_level });
  /** Closed in reverse order of their start. */
  const started: { close(): Promise<unknown> }[] = [];
  const keep = <T extends { close(): Promise<unknown> }>(part: T): T => {
    started.push(part);
    return part;
  };
  const stopAll = async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  try {
    const store = keep(
      await naming(settings.database_url === null ? 'data (--data DIR)' : 'database_url (DATABASE_URL)', () =>
        openStore({ dataDir: settings.data, databaseUrl: settings.database_url ?? undefined, logger: log }),
      ),
    );
    const media = keep(
      await naming('rtp (--rtp HOST:LOW-HIGH)', () =>
        MediaEngine.start({
          host: settings.rtp.host,
          portLow: settings.rtp.portLow,
          portHigh: settings.rtp.portHigh,
          ...(settings.advertise === null ? {} : { advertiseHost: settings.advertise }),
          ...(settings.media.workers === 0 ? {} : { workers: settings.media.workers }),
          rtpTimeoutMs: settings.media.rtp_timeout_s * 1000,
          codecs: settings.media.codecs,
          srtpSuites: settings.media.srtp_suites,
          iceConsentMs: settings.media.ice_consent_s * 1000,
          preferOwnOrder: settings.media.codec_preference === 'server',
          packetIo: settings.media.packet_io,
          utteranceBytes: settings.speech.recognition.memory_bytes,
        }),
      ),
    );
    media.on('listenerError', (error) => log.error({ err: error }, 'media listener failed'));
    media.on('workerFailed', (failure) => log.error(failure, 'media worker failed'));
    const egress = keep(
      new Egress({
        allowPrivate: settings.callbacks.allow_private,
        timeoutMs: settings.callbacks.timeout_ms,
        retries: settings.callbacks.retries,
        maxResponseBytes: settings.callbacks.max_response_bytes,
        ...(settings.callbacks.signature_key === null
          ? {}
          : { signatureKey: createSecretKey(settings.callbacks.signature_key, 'utf8') }),
        userAgent: `Voxology/${version}`,
      }),
    );
    const speech = keep(
      new Speech({
        workers: settings.speech.workers,
        cacheBytes: settings.speech.cache_bytes,
        output: { sampleRateHz: TELEPHONE_RATE_HZ, convert: resampleShared },
        onWarning: (warning) => log.warn({ err: warning }, 'speech'),
        cacheDir: join(settings.data, 'speech-cache'),
        maxTextLength: settings.speech.max_text_length,
      }),
    );
    const understanding = keep(await recognition(settings, egress, join(settings.data, 'recognition')));
    const decoder = keep(new AudioDecoder());
    const websockets = sipWebSockets(settings);
    const endpoint = keep(
      new SipEndpoint({
        listen: [
          { protocol: 'udp', ...settings.sip },
          { protocol: 'tcp', ...settings.sip },
        ],
        ...(websockets === null ? {} : { transports: [websockets.transport] }),
        ...(settings.advertise === null ? {} : { advertise: { host: settings.advertise } }),
        userAgent: `Voxology/${version}`,
      }),
    );
    endpoint.on('listenerError', (error, event) => log.error({ err: error, event }, 'SIP listener failed'));
    const nonceKey = createSecretKey(randomBytes(32));
    const callAudio = new CallAudioMetrics();
    const telephony = new Telephony(
      {
        store,
        endpoint,
        media,
        speech,
        recognition: understanding,
        decoder,
        egress,
        log,
        onCallAudio: (audio) => callAudio.take(audio),
      },
      telephonySettings(settings, nonceKey),
    );

    const app = keep(
      await createApi(
        {
          store,
          telephony,
          defaultCountry: settings.default_country,
          urlRefusal: (url) => egress.refusal(url),
          recordingsDir: join(settings.data, 'recordings'),
        },
        {
          log,
          allowedHosts: allowedHosts(settings),
          requestsPerMinute: settings.limits.api_requests_per_minute,
          messageProvider:
            settings.messages.inbound_header_value === null
              ? null
              : { name: settings.messages.inbound_header_name, value: settings.messages.inbound_header_value },
          maxBodyBytes: settings.limits.api_body_bytes,
          version,
        },
      ),
    );
    const health = { takesCalls: false };
    await serveSampleFlows(app);
    await serveStartPage(app, settings, version);
    serveHealth(app, health, store);
    serveMetrics(app, { telephony, endpoint, media, store, recognition: understanding, callAudio });
    websockets?.serve(app);
    await naming('http (--http HOST:PORT)', () => app.listen({ host: settings.http.host, port: settings.http.port }));
    await naming('sip (--sip HOST:PORT)', () => endpoint.start());
    const httpPort = (app.server.address() as AddressInfo).port;
    const httpUrl = `http://${formatHostPort({ host: urlHost(settings.http.host), port: httpPort })}`;
    const flowsUrl = `${httpUrl}/flows`;
    const account = await ensureAccount(store, telephony.places, flowsUrl);
    const { recoveredCalls } = await telephony.start();
    await store.jobs.start();
    const sipAddress = formatHostPort({
      host: urlHost(settings.sip.host),
      port: endpoint.listeners[0]?.port ?? settings.sip.port,
    });
    const content = quickstart(account, { httpUrl, sipAddress, flowsUrl });
    const quickstartPath = await writeQuickstart(settings.data, content);
    health.takesCalls = true;
    return {
      quickstart: content,
      quickstartPath,
      recoveredCalls,
      stop: async (graceMs) => {
        health.takesCalls = false;
        await telephony.stop(graceMs, HANG_UP_MS);
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** A wildcard address is no address to call: this machine stands for it. */
function urlHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}
