import type { CallbackTarget, FlowSettings } from '@voxology/callflow';
import type { CallFlowConfiguration, ConfiguredCallback } from '@voxology/store';

/** The interpreter's limits, the same for every number (server configuration). */
export type FlowLimits = Omit<FlowSettings, 'callback' | 'callbackFailover' | 'answerOnRing' | 'maxCallTimeMs'> & {
  /** Longest call, unless Make Call asks for less. */
  maxCallTimeMs: number;
};

/** A number's configuration as the interpreter takes it; null when it names no callback. */
export function flowSettings(
  configuration: CallFlowConfiguration | null,
  limits: FlowLimits,
  maxCallTimeMs = limits.maxCallTimeMs,
): FlowSettings | null {
  if (configuration === null || configuration.callback === null) return null;
  return {
    ...limits,
    callback: target(configuration.callback),
    callbackFailover: configuration.callback_failover == null ? null : target(configuration.callback_failover),
    answerOnRing: configuration.answer_on_ring === 1,
    maxCallTimeMs: Math.min(maxCallTimeMs, limits.maxCallTimeMs),
  };
}

function target({ url, method, content_type }: ConfiguredCallback): CallbackTarget {
  return { url, method, contentType: content_type };
}
