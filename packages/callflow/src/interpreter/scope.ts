import { ownProperty } from '../json-value.ts';
import { durationMs, liveStatus } from './callback-body.ts';
import { frameWithLocal } from './frames.ts';
import type { CallState, Strand } from './state.ts';

/** Every native variable and its value, by name without the `$`. */
const NATIVE: ReadonlyMap<string, (call: CallState) => unknown> = new Map<string, (call: CallState) => unknown>([
  ['callTime', (call) => (call.answeredAtMs === null ? 0 : (call.endedAtMs ?? call.nowMs) - call.answeredAtMs)],
  ['keyPresses', (call) => call.keyPresses],
  ['callId', (call) => call.info.callId],
  ['callerNo', (call) => call.info.callerNo],
  ['startTime', (call) => call.info.startTimeMs],
  ['endTime', (call) => call.endedAtMs],
  ['sessionData', (call) => call.sessionData],
  ['apiNo', (call) => call.info.apiNo],
  ['appId', (call) => call.info.appId],
  ['subaccountId', (call) => call.info.subaccountId],
  ['direction', (call) => call.info.direction],
  ['duration', durationMs],
  ['status', liveStatus],
  ['type', (call) => call.message?.type ?? call.callbackType],
  ['textMessage', (call) => call.message?.text],
  ['media', (call) => call.message?.media],
  ['keywordDetected', (call) => call.message?.keyword?.word],
  ['keywordType', (call) => call.message?.keyword?.type],
  ['detection', (call) => call.detection],
  ['transferStatus', (call) => call.transfer?.status],
  ['transferNo', (call) => call.transfer?.no],
  ['transferTime', (call) => call.transfer?.durationMs],
  ['recordingId', (call) => call.lastRecording?.id],
  ['recordingTime', (call) => call.lastRecording?.durationMs],
  ['streamStatus', (call) => call.streamStatus ?? undefined],
  ['httpStatus', (call) => call.httpStatus ?? undefined],
  ['queueStatus', (call) => call.queue?.status],
  ['queuePosition', (call) => call.queue?.position],
  ['queueSize', (call) => call.queue?.size],
  ['queueNo', (call) => call.queue?.no],
  ['queueWait', (call) => call.queue && (call.queue.waitMs ?? call.nowMs - call.queue.sinceMs)],
  ['speech', (call) => call.speech],
  ['speechConfidence', (call) => call.speechConfidence],
  ['collectValid', (call) => call.isCollectValid ?? undefined],
  ['customData', (call) => call.info.customData],
  ['recordings', (call) => call.recordings],
  ['callerNoCity', (call) => call.info.callerPlace.city],
  ['callerNoRegion', (call) => call.info.callerPlace.region],
  ['callerNoCountry', (call) => call.info.callerPlace.country],
  ['callerNoTimezone', (call) => call.info.callerPlace.timezone],
  ['apiNoCity', (call) => call.info.apiPlace.city],
  ['apiNoRegion', (call) => call.info.apiPlace.region],
  ['apiNoCountry', (call) => call.info.apiPlace.country],
  ['apiNoTimezone', (call) => call.info.apiPlace.timezone],
  ['sipDomain', (call) => call.info.sipDomain],
  ['sipForwardedFor', (call) => call.info.sipForwardedFor],
]);

/**
 * A variable's value: that of the running lists before the user's own, and this before the native of the same name;
 * undefined when there is none of them.
 */
export function lookupName(call: CallState, name: string, strand: Strand | null = null): unknown {
  const frame = frameWithLocal(strand, name);
  if (frame !== undefined) return frame.locals[name];
  if (Object.hasOwn(call.variables, name)) return call.variables[name];
  return NATIVE.get(name)?.(call);
}

/** The value at a path of own properties that begins with a variable's name. */
export function lookupPath(call: CallState, path: readonly string[], strand: Strand | null = null): unknown {
  let value: unknown = lookupName(call, path[0] ?? '', strand);
  for (let index = 1; index < path.length; index += 1) value = ownProperty(value, path[index] ?? '');
  return value;
}
