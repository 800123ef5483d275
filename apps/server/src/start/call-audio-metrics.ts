import type { CallAudio } from '@voxology/store';
import { Counter, Histogram, type Registry } from 'prom-client';

/** How the sound of the calls was that are over, for Prometheus. */
export class CallAudioMetrics {
  readonly #mos = new Histogram({
    name: 'voxology_call_mos',
    help: 'Estimated listening quality (MOS) of what calls received, one value a call.',
    buckets: [2, 2.6, 3.1, 3.6, 4, 4.3, 4.5],
    registers: [],
  });
  readonly #oneWay = new Counter({
    name: 'voxology_calls_one_way_audio_total',
    help: 'Calls of which one side did not hear the other, as far as packets tell.',
    registers: [],
  });
  readonly #issues = new Counter({
    name: 'voxology_calls_audio_issues_total',
    help: 'Calls with something wrong with their sound, by what it was.',
    labelNames: ['issue'],
    registers: [],
  });

  take({ mos, oneWay, issues }: CallAudio): void {
    if (mos !== null) this.#mos.observe(mos);
    if (oneWay) this.#oneWay.inc();
    for (const issue of issues) this.#issues.inc({ issue });
  }

  register(registry: Registry): void {
    registry.registerMetric(this.#mos);
    registry.registerMetric(this.#oneWay);
    registry.registerMetric(this.#issues);
  }
}
