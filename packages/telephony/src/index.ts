export type { LiveCall, LiveCommand, Switchboard } from './call/switchboard.ts';
export { encodeCallback } from './callback/encode.ts';
export type { FlowLimits } from './flow-settings.ts';
export { toE164 } from './number/e164.ts';
export { NumberPlaces } from './number/place.ts';
export { DestinationRefused } from './outbound/destination.ts';
export { type Dialler, DialRefused, type DialRequest } from './outbound/dialler.ts';
export type { Trunk } from './outbound/trunk.ts';
export { Telephony, type TelephonyParts, type TelephonySettings } from './telephony.ts';
