import type { JsonObject } from './json.ts';

/** What a one-word message asks for (voxology-api.md §6.5). */
export type KeywordType = 'Opt-In' | 'Opt-Out' | 'Help';

/** A keyword as it is written in upper case, and what it asks for. */
export interface Keyword {
  word: string;
  type: KeywordType;
}

/** A text message that came in for a number of ours: what a flow without a call begins with. */
export interface IncomingMessage {
  /** `mms` has media. */
  type: 'sms' | 'mms';
  text: string;
  /** `content_type` is empty when unknown. */
  media: { url: string; content_type: string }[];
  keyword: Keyword | null;
  /** Of the number it came for; empty when unknown. */
  apiRateCenter: string;
}

/** Body of the callback of a text message (voxology-api.md §3.5; what stands last is ours). */
export interface MessageCallbackBody {
  service: 'programmable_messaging';
  type: 'sms' | 'mms';
  app_id: string;
  subaccount_id: number;
  api_no: string;
  api_no_region: string;
  api_no_country: string;
  api_no_timezone: string;
  api_no_postal_code: string;
  api_no_city: string;
  api_no_latitude: string;
  api_no_longitude: string;
  api_no_lata: string;
  api_no_rate_center: string;
  caller_no: string;
  caller_no_region: string;
  caller_no_country: string;
  caller_no_timezone: string;
  caller_no_postal_code: string;
  caller_no_city: string;
  caller_no_latitude: string;
  caller_no_longitude: string;
  caller_no_lata: string;
  caller_no_rate_center: string;
  text_message: string;
  media: { url: string; content_type: string }[];
  keyword_detected: string | null;
  keyword_type: KeywordType | null;
  message_id: string;
  start_time: string;
  custom_data: JsonObject | null;
  session_data: JsonObject | null;
  sip_domain: string;
}

/** How the flow of a text message ended. */
export interface MessageOutcome {
  status: 'completed' | 'failed';
  endTimeMs: number;
  /** What went wrong in the flow; null when nothing did. */
  error: string | null;
}
