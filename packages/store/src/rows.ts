/**
 * The values that go in and come out of the store. Times are epoch milliseconds (`…TimeMs`), numbers are E.164 strings
 * with `+`, JSON columns are plain JSON values. Strings that PostgreSQL cannot hold are changed visibly on the way in:
 * NUL becomes U+2400 (␀) and a lone surrogate U+FFFD (�).
 */

/** Where a callback goes; the shape the interpreter uses. `contentType` applies to POST only. */
export interface CallbackTarget {
  url: string;
  method: 'GET' | 'POST';
  contentType: string;
}

/** A callback as the REST API spells it in a configuration. */
export interface ConfiguredCallback {
  url: string;
  method: 'GET' | 'POST';
  content_type: string;
}

/** The call-flow configuration of a number, or the default of an application. `callback: null` means "no callback". */
export interface CallFlowConfiguration {
  callback: ConfiguredCallback | null;
  callback_failover?: ConfiguredCallback | null;
  answer_on_ring: 0 | 1;
  custom_data: Record<string, unknown> | null;
}

export interface Application {
  appId: string;
  name: string;
  /** Lower case. */
  sipDomain: string;
  defaultConfiguration: CallFlowConfiguration | null;
  createdTimeMs: number;
}

export interface ApiKey {
  id: string;
  appId: string;
  /** The last four characters of the key. */
  hint: string;
  createdTimeMs: number;
}

export interface SipUser {
  appId: string;
  /** Case-sensitive, as in a SIP URI. */
  username: string;
  /** Lower case; also the digest realm. */
  domain: string;
  /** The user's caller id, E.164. */
  no: string;
}

/** A SIP user with what digest authentication needs: lower-case hex of `H(username:domain:password)` (RFC 8760). */
export interface SipUserCredentials extends SipUser {
  ha1Md5: string;
  ha1Sha256: string;
}

/** Place and abilities of a number. `npa` is the area code of a NANP number. */
export interface NumberFacts {
  no: string;
  formatted: string;
  /** Not reachable from the public network: for trying things out. */
  sandbox: boolean;
  country: string | null;
  region: string | null;
  city: string | null;
  rateCenter: string | null;
  timezone: string | null;
  npa: string | null;
  capabilities: string[];
}

export interface NumberRow extends NumberFacts {
  /** `inventory`: can be bought and given back; `user`: made for a SIP user, never for sale. */
  kind: 'inventory' | 'user';
  /** The owner; `null` while it is for sale. */
  appId: string | null;
  /** `CallFlows` and so on; `null` while it is for sale. */
  inboundApi: string | null;
  /** `null`: inherits the application's default. */
  configuration: CallFlowConfiguration | null;
  provisionedTimeMs: number | null;
}

export interface NumberSearch {
  /** Without it every number that is for sale matches. */
  searchBy?: 'rate-center' | 'prefixes' | 'region' | 'area-code' | undefined;
  /**
   * `rate-center`: `"NEWPORT BEACH,CA"` (the state may be left out); `prefixes`: NPA or NPANXX digits, several separated
   * by commas; `region`: two letters (digits are taken as a prefix); `area-code`: three digits.
   */
  searchOn?: string | undefined;
  /** The number must have all of them. */
  capabilities?: readonly string[] | undefined;
  maxResults: number;
}

export type ProvisionResult = { ok: true; number: NumberRow } | { ok: false; reason: 'not-found' | 'taken' };

export type CallDirection = 'inbound' | 'outbound';
export type CallStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** What is known when a call starts. */
export interface CallOpening {
  callId: string;
  /** A UUID: the `id` of the log row. */
  id: string;
  appId: string;
  subaccountId: number;
  direction: CallDirection;
  callerNo: string;
  apiNo: string;
  startTimeMs: number;
  originApi: string;
  sipDomain: string;
  sipForwardedFor: string;
  /** Where it is known before the answer (a call that comes in): any JSON value that a BYE after a crash needs. */
  dialog?: unknown;
}

/** The answer. `dialog` is any JSON value: what is needed for a BYE after a crash. */
export interface CallAnswer {
  answerTimeMs: number;
  dialog: unknown;
}

/** The last callback of a call, kept with its row until it is delivered or given up. */
export interface EndCallback {
  target: CallbackTarget;
  failover: CallbackTarget | null;
  body: object;
}

/** How a call ended: the interpreter's `CallOutcome` and the last callback (`null` when the number has none). */
/** How the sound between a call and us was: figures of its RTP. Times in milliseconds, ratios from 0 to 1. */
export interface CallAudio {
  packetsSent: number;
  packetsReceived: number;
  /** Missing among those of the far side. */
  packetsLost: number;
  /** That came and were not used: of a codec nobody agreed on, from a stranger, damaged. Records of old have none. */
  packetsRefused?: number;
  jitterMs: number;
  /** Of ours, as the far side reports; null: it does not. */
  remotePacketsLost: number | null;
  remoteJitterMs: number | null;
  roundTripMs: number | null;
  /** Estimated, 1 to 4.4; null: nothing was received. */
  mos: number | null;
  firstPacketInMs: number | null;
  firstPacketOutMs: number | null;
  silenceRatioIn: number | null;
  silenceRatioOut: number | null;
  clippingRatioIn: number | null;
  clippingRatioOut: number | null;
  /** What was suspected at any time, in order. */
  issues: string[];
  /** One of them means that one side did not hear the other. */
  oneWay: boolean;
}

export interface CallEnding {
  status: CallStatus;
  hangupEnd: 'caller' | 'api';
  endTimeMs: number;
  durationMs: number;
  connectTimeSec: number;
  detection: string;
  error: string | null;
  /** null or left out: no sound was sent or received. */
  audio?: CallAudio | null;
  endCallback: EndCallback | null;
}

export type DeliveryState = 'none' | 'pending' | 'delivered' | 'failed';

export interface CallRow extends CallOpening {
  /** The process that runs (or ran) the call: see `Store.processId`. */
  processId: string;
  answerTimeMs: number | null;
  dialog: unknown;
  /** The fields of the ending are `null` while the call is up. */
  endTimeMs: number | null;
  durationMs: number | null;
  connectTimeSec: number | null;
  status: CallStatus | null;
  hangupEnd: 'caller' | 'api' | null;
  detection: string | null;
  error: string | null;
  audio: CallAudio | null;
  endCallback: EndCallback | null;
  endCallbackState: DeliveryState;
  endCallbackError: string | null;
}

export interface CallListFilter {
  appId: string;
  /** Start time, inclusive. */
  beginTimeMs?: number | undefined;
  /** Start time, exclusive; of the same time only those behind `endId`, where it is given. */
  endTimeMs?: number | undefined;
  /** Call id. */
  endId?: string | undefined;
  direction?: CallDirection | undefined;
  /** `true`: only calls that are over; `false`: only calls that are up. */
  finished?: boolean | undefined;
  limit: number;
}

export type RecordingStatus = 'recording' | 'ready' | 'failed';

/** What is known when a recording begins. */
export interface RecordingOpening {
  recordingId: string;
  appId: string;
  callId: string;
  /** Given by the flow. */
  name: string | null;
  /** Path below the folder of the recordings. */
  file: string;
  format: 'wav' | 'mp3';
  channels: 1 | 2;
  startTimeMs: number;
  /** Who is told when it is ready or has failed; null: nobody. */
  webhook: RecordingWebhook | null;
}

export interface RecordingWebhook {
  url: string;
  /** Told when the former cannot be. */
  failoverUrl: string | null;
  /** What is told of the call; a JSON value that the store only keeps. */
  call: object;
}

/** What is known when it is complete. */
export interface RecordingEnding {
  durationMs: number;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  /** Why it broke off before its end; null or left out: it did not. */
  error?: string | null;
}

export interface RecordingRow extends RecordingOpening {
  status: RecordingStatus;
  /** There is a transcript of it, or will be. */
  hasTranscript: boolean;
  durationMs: number | null;
  bytes: number | null;
  sha256: string | null;
  error: string | null;
  /** `pending` from its end on. */
  webhookState: DeliveryState;
  /** Why nobody could be told. */
  webhookError: string | null;
}

export interface RecordingFilter {
  appId: string;
  callId?: string | undefined;
  /** Start time, exclusive; of the same time only those behind `beforeId`, where it is given. */
  beforeTimeMs?: number | undefined;
  /** Recording id. */
  beforeId?: string | undefined;
  limit: number;
}

/** One entry of a call's event log. `seq` starts at 1 and grows by one; the call's actor counts. */
export interface CallEvent {
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  kind: 'input' | 'effect' | 'event' | 'sip' | 'http' | 'media';
  type: string;
  /** Any JSON value; it is serialised when it is appended, so later changes do not show. */
  data: unknown;
}
