import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { parseSipUri } from '@voxology/sip';
import type { TelephonySettings, Trunk } from '@voxology/telephony';
import { ConfigError, type Settings } from '../config/load.ts';

const DEFAULT_SIP_PORT = 5060;

/** The configuration in the terms of telephony. Throws {@link ConfigError} for a trunk or a message provider that cannot be used. */
export function telephonySettings(settings: Settings, nonceKey: KeyObject): TelephonySettings {
  const { limits, callbacks, security, outbound, registration } = settings;
  return {
    trunks: settings.trunks.map(trunk),
    defaultCountry: settings.default_country,
    allowedPrefixes: outbound.allowed_prefixes,
    maxCalls: limits.max_calls,
    maxCallsPerSecond: limits.max_calls_per_second,
    maxMessagesPerMinute: limits.max_messages_per_minute,
    inbox: {
      limits: {
        maxCharacters: limits.max_message_characters,
        perSenderAndHour: limits.max_messages_per_sender_and_hour,
        maxFlows: limits.max_message_flows,
      },
      maxFlowMs: limits.max_message_time_ms,
      autoReplies: {
        'Opt-In': settings.messages.opt_in_reply,
        'Opt-Out': settings.messages.opt_out_reply,
        Help: settings.messages.help_reply,
      },
    },
    httpRequests: { perCall: limits.http_requests_per_call, total: limits.http_requests },
    flow: {
      maxCallTimeMs: limits.max_call_time_ms,
      maxStepsWithoutWait: limits.max_steps_without_wait,
      maxLegs: limits.max_legs_per_call,
      maxEmptyAnswers: limits.max_empty_answers,
      emptyAnswerPauseMs: limits.empty_answer_pause_ms,
      maxIdleCallbacks: limits.max_idle_callbacks,
      maxSayCharacters: settings.speech.max_text_length,
      apologyText: callbacks.apology,
    },
    maxUtteranceMs: settings.speech.recognition.max_utterance_ms,
    prompts: {
      maxFileBytes: limits.audio_file_bytes,
      maxDurationMs: limits.audio_file_ms,
      cacheBytes: limits.audio_cache_bytes,
      recheckMs: limits.audio_recheck_ms,
    },
    recordings: {
      dir: join(settings.data, 'recordings'),
      maxDurationMs: limits.recording_ms,
      maxBytes: limits.recording_bytes,
    },
    messages: messages(settings),
    auth: {
      maxFailures: security.auth_failures,
      banMs: security.ban_s * 1000,
      nonceLifetimeMs: security.nonce_lifetime_s * 1000,
      nonceKey,
      digestAlgorithms: security.digest_algorithms,
    },
    registration: {
      minExpiresSec: registration.min_expires_s,
      maxExpiresSec: registration.max_expires_s,
      defaultExpiresSec: registration.default_expires_s,
      maxBindingsPerUser: registration.max_bindings,
    },
  };
}

function messages({ messages }: Settings): TelephonySettings['messages'] {
  const { provider, url, header_name: name, header_value: value } = messages;
  if (provider === 'none') return null;
  if (url === null) throw new ConfigError('messages.url: it is needed with "messages.provider": "http"');
  return { url, header: value === null ? null : { name, value } };
}

function trunk(config: Settings['trunks'][number]): Trunk {
  const { name, target, allow_from: allowFrom = [], prefixes = ['+'], srtp = 'none', username, password } = config;
  if (target === undefined && allowFrom.length === 0) {
    throw new ConfigError(`trunk ${name}: neither target nor allow_from is given, so no call could use it`);
  }
  if ((username === undefined) !== (password === undefined)) {
    throw new ConfigError(`trunk ${name}: username and password go together`);
  }
  return {
    name,
    target: target === undefined ? null : peer(name, target),
    allowFrom,
    prefixes,
    srtp,
    credentials: username === undefined || password === undefined ? null : { username, password },
  };
}

function peer(name: string, target: string): NonNullable<Trunk['target']> {
  const uri = parseSipUri(target.startsWith('sip:') ? target : `sip:${target}`);
  if (uri === null || uri.host === '') {
    throw new ConfigError(
      `trunk ${name}: target "${target}" is not a SIP URI such as sip:sip.example.com:5060;transport=tcp`,
    );
  }
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp';
  if (transport !== 'udp' && transport !== 'tcp')
    throw new ConfigError(`trunk ${name}: transport "${transport}" is neither udp nor tcp`);
  return { protocol: transport, address: uri.host, port: uri.port ?? DEFAULT_SIP_PORT };
}
