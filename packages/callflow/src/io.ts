/**
 * The wire between the interpreter and its drivers (live call, simulator, replayer): everything that happens to a call
 * is one {@link Input}, everything it wants done is one {@link Effect}, everything worth telling a person is one
 * {@link FlowEvent}. All three are JSON values, so that a call's event log is enough to run it again.
 */

import type { ConferenceEffect, ConferenceInput } from './wire/conference.ts';
import type { DetectionEffect, DetectionInput } from './wire/detection.ts';
import type { IncomingMessage, MessageCallbackBody, MessageOutcome } from './wire/incoming-message.ts';
import type { Json, JsonObject } from './wire/json.ts';
import type { MessageEffect, MessageInput } from './wire/message.ts';
import type { PlaySource } from './wire/play-source.ts';
import type { QueueEffect, QueueInput } from './wire/queue.ts';
import type { RecordingEffect, RecordingInput } from './wire/recording.ts';
import type { SpeechEffect, SpeechInput } from './wire/speech.ts';
import type { StreamEffect, StreamInput } from './wire/stream.ts';
import type { TranscriptionEffect, TranscriptionInput } from './wire/transcription.ts';
import type { CalleeLeg, TransferEffect, TransferInput } from './wire/transfer.ts';

export type * from './wire/conference.ts';
export type * from './wire/detection.ts';
export type * from './wire/incoming-message.ts';
export type * from './wire/json.ts';
export type * from './wire/message.ts';
export type * from './wire/play-source.ts';
export type * from './wire/queue.ts';
export type * from './wire/recording.ts';
export type * from './wire/speech.ts';
export type * from './wire/stream.ts';
export type * from './wire/transcription.ts';
export type * from './wire/transfer.ts';

export type Direction = 'inbound' | 'outbound';
export type CallbackType = 'init_call' | 'live_call' | 'end_call';

/** How a call ended, as in callbacks and logs (`status`). */
export type EndStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** Who ended the call: `caller` the remote party, `api` we did (`hangup_end`). */
export type HangupEnd = 'caller' | 'api';

/** Place of a phone number; empty strings when unknown. `timezone` is an IANA name. */
export interface NumberPlace {
  city: string;
  region: string;
  country: string;
  timezone: string;
}

/** What is known of the call when it starts and never changes. Numbers are E.164 or `sip:` URIs. */
export interface CallInfo {
  callId: string;
  appId: string;
  /** `"0"` is the main account. */
  subaccountId: string;
  direction: Direction;
  /** The remote party in both directions. */
  callerNo: string;
  callerPlace: NumberPlace;
  /** The account's own number. */
  apiNo: string;
  apiPlace: NumberPlace;
  startTimeMs: number;
  customData: JsonObject | null;
  sipDomain: string;
  sipForwardedFor: string;
}

/** Where a callback goes. `contentType` applies to POST only. */
export interface CallbackTarget {
  url: string;
  method: 'GET' | 'POST';
  contentType: string;
}

/** The number's configuration as far as the flow depends on it, and the limits of the interpreter. */
export interface FlowSettings {
  callback: CallbackTarget;
  callbackFailover: CallbackTarget | null;
  /** Inbound: answer before the first callback. */
  answerOnRing: boolean;
  /** Call length from the answer after which we hang up. */
  maxCallTimeMs: number;
  /** Instructions run without waiting for anything before the call is ended as an endless loop. */
  maxStepsWithoutWait: number;
  /** Phones that the flow may have rung in all (targets of TRANSFER, DIAL); further ones are refused with an error. */
  maxLegs: number;
  /** Callback answers in a row without any action before the call is ended. */
  maxEmptyAnswers: number;
  /** Pause before asking again after an empty answer, or after a list that ran out without media and without waiting. */
  emptyAnswerPauseMs: number;
  /**
   * Callbacks in a row (redirects included) whose actions neither played anything nor waited for anything before the
   * call is ended: bounds documents that only redirect to themselves.
   */
  maxIdleCallbacks: number;
  /** Characters of one spoken text after substitution; the rest is left out with a warning. */
  maxSayCharacters: number;
  /** Said when no callback answer can be had; then the call is ended. */
  apologyText: string;
}

/**
 * One key press entry of a callback: `name` of the COLLECT (null when unnamed) and what was pressed. `speech`: what was
 * said, empty when nothing was understood; only where speech was asked for.
 */
export interface KeyPressEntry {
  name: string | null;
  digits: string;
  speech?: string;
}
export interface RecordingEntry {
  name: string | null;
  id: string;
}

/** The callback request body, field for field the published contract (snake_case). */
export interface CallbackBody {
  type: CallbackType;
  app_id: string;
  subaccount_id: string;
  call_id: string;
  start_time: string;
  end_time: string | null;
  direction: Direction;
  duration: number;
  status: string;
  detection: string;
  caller_no: string;
  caller_no_city: string;
  caller_no_region: string;
  caller_no_country: string;
  caller_no_timezone: string;
  api_no: string;
  api_no_city: string;
  api_no_region: string;
  api_no_country: string;
  api_no_timezone: string;
  key_presses: KeyPressEntry[];
  recordings: RecordingEntry[];
  custom_data: JsonObject | null;
  session_data: JsonObject | null;
  sip_domain: string;
  sip_forwarded_for: string;
}

/** Every input carries the time it happened, in epoch milliseconds: the interpreter has no clock of its own. */
interface At {
  atMs: number;
}
export type Input = At &
  /**
   * `message`: there is no call, but a text message; `call.callId` is the message's id, and `settings.maxCallTimeMs` the
   * longest time of its flow. Of the inputs below only answers, timers and `ended` come then.
   */
  (
    | {
        type: 'start';
        call: CallInfo;
        settings: FlowSettings;
        sessionData: JsonObject | null;
        seed: number;
        message?: IncomingMessage;
      }
    /** Media can flow: inbound, the ACK of our 200; outbound, the callee's 200. */
    | { type: 'answered' }
    /** The body as it came; parsing belongs to the language. */
    | { type: 'callback_answered'; requestId: string; httpStatus: number; bodyText: string }
    /** All attempts and the failover failed. `reason` is for people: what went wrong and where. */
    | { type: 'callback_failed'; requestId: string; reason: string }
    /** A key of the remote party; of the callee of a screened transfer, when there is a `leg`. */
    | { type: 'digit'; digit: string; durationMs: number; leg?: CalleeLeg }
    | { type: 'playback_ended'; playbackId: string; outcome: 'completed' | 'stopped' }
    | { type: 'playback_failed'; playbackId: string; reason: string }
    /** `error` is for people: why they could not be sent; null when they were. */
    | { type: 'digits_sent'; sendId: string; error: string | null }
    | { type: 'timer'; timerId: string }
    /** The call is over on the wire, whoever ended it. Always the last input but one may follow late; those are ignored. */
    | { type: 'ended'; status: EndStatus; by: HangupEnd; reason: string; error: string | null }
    /** Live-call commands (REST). */
    | { type: 'inject_session_data'; sessionData: JsonObject }
    /**
     * Runs a list of actions out of turn, then the flow goes on. `now`: cuts the current action short, and the flow goes
     * on after it; `after_current`: waits for its end. A COLLECT with its prompt is one action; of a FOREACH or RUN the
     * action inside is meant; `beside`: runs while the current action goes on, as the list of an event does, which is how
     * something is said to a call in a conference or transfer without taking it out. While a callback is awaited the list runs at once, and the answer's list follows; before an
     * outbound call is answered it waits. A list that cannot be taken is reported (`document_rejected`) and changes
     * nothing.
     */
    | { type: 'inject_actions'; actions: Json[]; when: 'now' | 'after_current' | 'beside' }
    /** Of the conference the call is in; a warning when it is in none. */
    | { type: 'conference_command'; command: 'mute' | 'unmute' | 'hold' | 'resume' | 'leave' }
    | { type: 'hang_up'; reason: string }
    | TransferInput
    | ConferenceInput
    | RecordingInput
    | StreamInput
    | DetectionInput
    | TranscriptionInput
    | MessageInput
    | QueueInput
    | SpeechInput
  );

/**
 * To be carried out in order. When the call is over on the wire the driver puts away whatever of it still goes on (sound,
 * transfers, rooms, recordings, streams …), without being told.
 */
export type Effect =
  | {
      type: 'request_callback';
      requestId: string;
      target: CallbackTarget;
      failover: CallbackTarget | null;
      body: CallbackBody;
    }
  /** Of a text message; an answer is welcome, but not expected. */
  | {
      type: 'request_message_callback';
      requestId: string;
      target: CallbackTarget;
      failover: CallbackTarget | null;
      body: MessageCallbackBody;
    }
  /** The flow of a text message is over, and nothing comes after it. Emitted exactly once per message, in place of `finish`. */
  | { type: 'finish_message'; record: MessageOutcome }
  /** Inbound, before the answer: 180 to the caller. */
  | { type: 'ring' }
  /** Inbound: 200 to the caller; an `answered` input follows when media can flow. */
  | { type: 'answer' }
  /** In place of what plays, which ends as `stopped`. To the callee of a screened transfer, when there is a `leg`. */
  | { type: 'play'; playbackId: string; source: PlaySource; leg?: CalleeLeg }
  | { type: 'stop_playback'; playbackId: string }
  | { type: 'set_timer'; timerId: string; durationMs: number }
  | { type: 'cancel_timer'; timerId: string }
  /**
   * An outbound call of its own, from the number `callerIdNo`, whose call flow it runs; nothing comes back. `no` is E.164,
   * a SIP user or a `sip:` URI. Null times are the driver's defaults.
   */
  | {
      type: 'dial';
      no: string;
      callerIdNo: string;
      sessionData: JsonObject | null;
      ringTimeoutMs: number | null;
      maxCallTimeMs: number | null;
    }
  /** Send key tones to the remote party: `0`-`9`, `*`, `#`, `A`-`D`, and `w` for half a second of silence. A `digits_sent` input follows. `leg` as in `play`. */
  | { type: 'send_digits'; sendId: string; digits: string; leg?: CalleeLeg }
  /**
   * End the call: BYE when answered, else `sipStatus` to the caller (null: the driver chooses, 603 by custom) or CANCEL to
   * the callee. An `ended` input follows.
   */
  | { type: 'hang_up'; reason: string; sipStatus: number | null }
  | TransferEffect
  | ConferenceEffect
  | RecordingEffect
  | StreamEffect
  | DetectionEffect
  | TranscriptionEffect
  | MessageEffect
  | QueueEffect
  | SpeechEffect
  /** After `ended`: the last callback (no answer expected), and nothing comes after it. Emitted exactly once per call. */
  | {
      type: 'finish';
      target: CallbackTarget;
      failover: CallbackTarget | null;
      body: CallbackBody;
      record: CallOutcome;
    };

/** The figures of the call record, derived by the interpreter so that replay gives the same. */
export interface CallOutcome {
  status: EndStatus;
  hangupEnd: HangupEnd;
  endTimeMs: number;
  /** From start to end. */
  durationMs: number;
  /** From the answer to the end, whole seconds rounded up; 0 when never answered. */
  connectTimeSec: number;
  detection: string;
  /** What went wrong, on the wire or in the flow (no answer from the callback, an endless loop); null when nothing did. */
  error: string | null;
}

/**
 * For people: the call's timeline. `path` points into the document, e.g. `actions[1].then[0]`, `flows.menu[0]`; in a list
 * put in from outside it begins with `injected`.
 */
export interface FlowEvent {
  type:
    | 'document_loaded'
    | 'document_rejected'
    | 'actions_injected'
    | 'action_started'
    | 'action_ended'
    | 'branch_taken'
    /** Something happened to what an action has under way: a transfer rings, somebody enters a conference. */
    | 'progress'
    | 'variable_set'
    | 'digits_collected'
    | 'digit_ignored'
    | 'warning'
    | 'error';
  path: string | null;
  /** The action's type where there is one, e.g. `SAY`. */
  action: string | null;
  message: string;
  data: JsonObject;
}
