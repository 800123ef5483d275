import type { ColumnType, Generated } from 'kysely';
import type { MessageOrigin, MessageStatus } from './message-rows.ts';
import type {
  CallAudio,
  CallFlowConfiguration,
  DeliveryState,
  EndCallback,
  RecordingStatus,
  RecordingWebhook,
} from './rows.ts';
import type { TranscriptRow } from './transcript-rows.ts';

/** A `jsonb` column: read as a value, written as JSON text (`toJsonText`). */
type JsonColumn<Value> = ColumnType<Value, string | null | undefined, string | null>;
/** A `timestamptz(3)` column. */
type TimeColumn<Value = Date> = ColumnType<Value, Date | undefined, Date | null>;

interface ApplicationTable {
  app_id: Generated<string>;
  name: string;
  sip_domain: string;
  default_configuration: JsonColumn<CallFlowConfiguration | null>;
  created_at: TimeColumn;
}

interface ApiKeyTable {
  id: Generated<string>;
  app_id: string;
  key_hash: Buffer;
  key_hint: string;
  created_at: TimeColumn;
}

interface SipUserTable {
  app_id: string;
  username: string;
  domain: string;
  no: string;
  ha1_md5: string;
  ha1_sha256: string;
}

export interface NumberTable {
  no: string;
  formatted: string;
  sandbox: boolean;
  country: string | null;
  region: string | null;
  city: string | null;
  rate_center: string | null;
  timezone: string | null;
  npa: string | null;
  capabilities: string[];
  kind: 'inventory' | 'user';
  app_id: string | null;
  inbound_api: string | null;
  configuration: JsonColumn<CallFlowConfiguration | null>;
  provisioned_at: TimeColumn<Date | null>;
}

/** Written by the call writer's one statement only, so every column is read-only here. */
export interface CallTable {
  call_id: string;
  id: string;
  app_id: string;
  subaccount_id: number;
  direction: 'inbound' | 'outbound';
  caller_no: string;
  api_no: string;
  start_time: Date;
  answer_time: Date | null;
  end_time: Date | null;
  duration_ms: number | null;
  connect_time_sec: number | null;
  status: 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled' | null;
  hangup_end: 'caller' | 'api' | null;
  detection: string | null;
  error: string | null;
  audio: CallAudio | null;
  origin_api: string;
  sip_domain: string;
  sip_forwarded_for: string;
  dialog: unknown;
  process_id: string;
  end_callback: EndCallback | null;
  end_callback_state: DeliveryState;
  end_callback_error: string | null;
}

interface CallEventTable {
  call_id: string;
  first_seq: number;
  events: JsonColumn<unknown[]>;
}

interface RegistrationTable {
  aor: string;
  bindings: JsonColumn<unknown[]>;
}

interface SettingTable {
  key: string;
  value: JsonColumn<unknown>;
}

export interface RecordingTable {
  recording_id: string;
  app_id: string;
  call_id: string;
  name: string | null;
  file: string;
  format: 'wav' | 'mp3';
  channels: 1 | 2;
  start_time: Date;
  status: RecordingStatus;
  duration_ms: number | null;
  bytes: number | null;
  sha256: string | null;
  error: string | null;
  webhook: ColumnType<RecordingWebhook | null, string | null, never>;
  webhook_state: Generated<DeliveryState>;
  webhook_error: string | null;
}

export interface TranscriptTable {
  transcript_id: string;
  app_id: string;
  call_id: string;
  recording_id: string | null;
  hints: ColumnType<string[], string, never>;
  language: string | null;
  start_time: Date;
  status: Generated<TranscriptRow['status']>;
  error: string | null;
  webhook: ColumnType<RecordingWebhook | null, string | null, never>;
  webhook_state: Generated<DeliveryState>;
  webhook_error: string | null;
}

export interface TranscriptPieceTable {
  transcript_id: string;
  sequence: number;
  track: string;
  start_ms: number;
  end_ms: number;
  text: string;
  confidence: number | null;
}

export interface MessageTable {
  message_id: string;
  app_id: string;
  direction: 'inbound' | 'outbound';
  caller_no: string;
  api_no: string;
  text_message: string;
  media_urls: ColumnType<string[], string, never>;
  keyword: string | null;
  origin: MessageOrigin;
  external_id: string | null;
  call_id: string | null;
  status: MessageStatus;
  error: string | null;
  start_time: Date;
  end_time: Date | null;
  process_id: string;
}

interface OptOutTable {
  app_id: string;
  no: string;
  since: TimeColumn;
}

export interface Tables {
  applications: ApplicationTable;
  api_keys: ApiKeyTable;
  sip_users: SipUserTable;
  numbers: NumberTable;
  calls: CallTable;
  call_events: CallEventTable;
  registrations: RegistrationTable;
  settings: SettingTable;
  recordings: RecordingTable;
  transcripts: TranscriptTable;
  transcript_pieces: TranscriptPieceTable;
  messages: MessageTable;
  opt_outs: OptOutTable;
}
