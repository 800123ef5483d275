import type { MediaEngine, MediaEngineStats } from '@voxology/media';
import type { SipEndpoint } from '@voxology/sip';
import type { Recognition } from '@voxology/speech';
import type { Store } from '@voxology/store';
import type { Telephony } from '@voxology/telephony';
import type { FastifyInstance } from 'fastify';
import ipaddr from 'ipaddr.js';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CallAudioMetrics } from './call-audio-metrics.ts';

export interface MeasuredParts {
  telephony: Telephony;
  endpoint: SipEndpoint;
  media: MediaEngine;
  store: Store;
  recognition: Recognition;
  callAudio: CallAudioMetrics;
}

type ClockStats = MediaEngineStats['workers'][number]['clock'];

/** `GET /metrics` for Prometheus, to clients on this machine only. */
export function serveMetrics(
  app: FastifyInstance,
  { telephony, endpoint, media, store, recognition, callAudio }: MeasuredParts,
): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  callAudio.register(registry);
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        async collect() {
          this.set(await read());
        },
      }),
    );
  gauge('voxology_calls_live', 'Calls that are up.', () => telephony.switchboard.size);
  gauge('voxology_queue_waiting', 'Calls that wait in queues.', () => telephony.queues.figures.waiting);
  gauge('voxology_queue_connected', 'Calls connected out of queues.', () => telephony.queues.figures.connected);
  gauge('voxology_conference_rooms', 'Conferences that somebody is in.', () => telephony.conferences.figures.rooms);
  gauge('voxology_conference_participants', 'Calls in conferences.', () => telephony.conferences.figures.participants);
  gauge(
    'voxology_event_log_buffered_events',
    'Call events not yet on the disk.',
    () => store.events.stats().bufferedEvents,
  );
  gauge('voxology_event_log_dropped_events_total', 'Call events lost.', () => store.events.stats().droppedEvents);
  for (const [name, read] of counters(endpoint.counters)) gauge(`voxology_sip_${name}_total`, `SIP ${name}.`, read);
  gauge('voxology_recognition_running', 'Utterances being recognised.', () => recognition.counts().running);
  gauge('voxology_recognition_waiting', 'Utterances that wait for that.', () => recognition.counts().waiting);
  gauge('voxology_recognition_recognized_total', 'Utterances recognised.', () => recognition.counts().recognized);
  gauge('voxology_recognition_failed_total', 'Those that were not.', () => recognition.counts().failed);
  gauge('voxology_media_sessions', 'Media sessions.', async () => (await media.stats()).sessions);
  gauge('voxology_media_free_ports', 'RTP ports not in use.', async () => (await media.stats()).freePorts);
  const clocks = async (figure: keyof ClockStats) => (await media.stats()).workers.map(({ clock }) => clock[figure]);
  const total = (figure: keyof ClockStats) => async () => (await clocks(figure)).reduce((sum, value) => sum + value, 0);
  gauge('voxology_media_ticks_total', 'Ticks of 5 ms that the media workers ran.', total('ticks'));
  gauge('voxology_media_late_ticks_total', 'Those that ran more than 10 ms late.', total('lateTicks'));
  gauge('voxology_media_skipped_ticks_total', 'Ticks left out: too late to be made up for.', total('skippedTicks'));
  gauge('voxology_media_tick_late_max_ms', 'How late a tick was at most.', async () =>
    Math.max(0, ...(await clocks('maxLateMs'))),
  );
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (ipaddr.process(request.ip).range() !== 'loopback') {
      return reply
        .status(403)
        .send({ status: 403, message: 'Metrics are served to this machine only', help: 'Scrape through 127.0.0.1.' });
    }
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function counters(source: object): [name: string, read: () => number][] {
  return Object.keys(source).map((key) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    () => Number((source as Record<string, unknown>)[key]),
  ]);
}
