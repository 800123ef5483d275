import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const int = (description: string, defaultValue: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: defaultValue, minimum, maximum });
const section = <P extends Parameters<typeof Type.Object>[0]>(properties: P) =>
  Type.Object(properties, { ...strict, default: {} });

const keywordReply = (keywords: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 1600 }), Type.Null()], {
    default: null,
    description: `What is answered to ${keywords}; null: nothing, the flow may.`,
  });

const TrunkConfig = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    target: Type.Optional(
      Type.String({ description: 'Where calls out go, for example sip:sip.example.com:5060;transport=tcp.' }),
    ),
    allow_from: Type.Optional(
      Type.Array(Type.String(), { description: 'Addresses (CIDR) whose calls are taken without a password.' }),
    ),
    prefixes: Type.Optional(
      Type.Array(Type.String({ pattern: '^\\+[0-9]*$' }), {
        description: 'E.164 prefixes routed here; the longest match wins. Default: every number.',
      }),
    ),
    srtp: Type.Optional(
      Type.Union([Type.Literal('none'), Type.Literal('sdes')], {
        description:
          'Protection of the media of calls out: `none` (the default), or `sdes`, SRTP with keys in the SDP (RFC 4568). Calls in are answered the way they are offered.',
      }),
    ),
    username: Type.Optional(Type.String({ description: 'Answers the trunk’s challenge (digest).' })),
    password: Type.Optional(Type.String()),
  },
  strict,
);

/** The configuration file (JSON), every setting with its default and its allowed range. */
export const ConfigSchema = Type.Object(
  {
    data: Type.String({ default: './data', description: 'Directory for the database, secrets and caches.' }),
    http: Type.String({ default: '127.0.0.1:8080', description: 'HOST:PORT of the API and the start page.' }),
    sip: Type.String({ default: '127.0.0.1:5060', description: 'HOST:PORT of SIP, over UDP and TCP.' }),
    rtp: Type.String({ default: '127.0.0.1:10000-19999', description: 'HOST:LOW-HIGH of the RTP ports.' }),
    advertise: Type.Union([Type.String(), Type.Null()], {
      default: null,
      description: 'Public address that goes into SIP and SDP when the server is behind NAT.',
    }),
    database_url: Type.Union([Type.String({ pattern: '^postgres(ql)?://' }), Type.Null()], {
      default: null,
      description: 'A PostgreSQL server; without it Voxology runs its own in the data directory.',
    }),
    allowed_hosts: Type.Array(Type.String(), { default: [], description: 'Further host names of the HTTP server.' }),
    default_country: Type.String({
      default: 'US',
      pattern: '^[A-Z]{2}$',
      description: 'Country (ISO 3166) whose national numbers people dial.',
    }),
    log_level: Type.Union(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace'].map((level) => Type.Literal(level)),
      { default: 'warn' },
    ),
    trunks: Type.Array(TrunkConfig, { default: [], maxItems: 1000 }),
    sip_websocket: section({
      enabled: Type.Boolean({
        default: true,
        description:
          'SIP over WebSocket (RFC 7118), for phones in browsers: `ws://HOST:PORT/sip` on the port of `http`.',
      }),
      origins: Type.Array(Type.String({ pattern: '^(\\*|https?://[^/]+)$' }), {
        default: [],
        description:
          'Web sites whose pages may connect, besides those under our own host names: `https://app.example.com`, or `*` for every site.',
      }),
      max_connections: int('Connections at once.', 10_000, 1, 1_000_000),
    }),
    limits: section({
      max_calls: int('Calls at once.', 2000, 1, 100_000),
      max_calls_per_second: int('Calls we make, per second.', 50, 1, 10_000),
      max_messages_per_minute: int(
        'Text messages of one application per minute; as many may go out as come in.',
        600,
        1,
        1_000_000,
      ),
      max_messages_per_sender_and_hour: int(
        'Text messages from one sender to one number, per hour: two numbers whose flows answer each other stop here.',
        100,
        1,
        1_000_000,
      ),
      max_message_characters: int('Longest text message that comes in.', 5000, 1, 100_000),
      max_message_flows: int('Text messages whose flows run at once.', 1000, 1, 100_000),
      max_message_time_ms: int('Longest time of the flow of a text message.', 60_000, 1000, 3_600_000),
      http_requests_per_call: int(
        'Requests of one call or message (HTTP) under way that its flow does not wait for.',
        20,
        1,
        10_000,
      ),
      http_requests: int('The same of all of them.', 1000, 1, 100_000),
      max_call_time_ms: int('Longest call from the answer.', 14_400_000, 1000, 86_400_000),
      max_steps_without_wait: int('Actions run in a row without waiting for anything.', 10_000, 10, 1_000_000),
      max_legs_per_call: int(
        'Phones that the flow of one call or message may ring in all: each number of a TRANSFER, each DIAL. Further ones are refused.',
        200,
        1,
        1_000_000,
      ),
      max_empty_answers: int('Callback answers in a row without an action.', 3, 1, 100),
      empty_answer_pause_ms: int('Pause after such an answer.', 1000, 0, 60_000),
      max_idle_callbacks: int('Callbacks in a row without any audio or waiting between them.', 50, 1, 10_000),
      api_requests_per_minute: int('Requests per API key.', 6000, 1, 10_000_000),
      api_body_bytes: int('Largest request body.', 1_048_576, 1024, 104_857_600),
      recording_ms: int('Longest recording.', 14_400_000, 1000, 86_400_000),
      recording_bytes: int('Largest recording.', 1_073_741_824, 65_536, 4_294_967_295),
      audio_file_bytes: int('Largest audio file of PLAY.', 33_554_432, 1024, 1_073_741_824),
      audio_file_ms: int('Longest audio file of PLAY.', 3_600_000, 1000, 86_400_000),
      audio_recheck_ms: int(
        'Age up to which a fetched audio file is played again without asking its server. Beyond it the server is asked, unless its Cache-Control says otherwise.',
        2000,
        0,
        86_400_000,
      ),
      audio_cache_bytes: int('Decoded prompts kept in memory.', 134_217_728, 1_048_576, 17_179_869_184),
      drain_s: int('Time live calls get when the server is stopped.', 20, 0, 86_400),
    }),
    callbacks: section({
      allow_private: Type.Array(Type.String(), {
        default: ['127.0.0.0/8', '::1/128'],
        description: 'Private address ranges (CIDR) that callbacks and audio may be fetched from.',
      }),
      timeout_ms: int('Time for one request.', 10_000, 100, 120_000),
      retries: int('Further tries after a network error or a 5xx.', 2, 0, 10),
      max_response_bytes: int('Largest answer.', 1_048_576, 1024, 104_857_600),
      apology: Type.String({
        default: 'We are sorry, an application error has occurred. Good bye.',
        maxLength: 500,
        description: 'Said when no answer can be had; then the call is ended.',
      }),
      signature_key: Type.Union([Type.String({ minLength: 16 }), Type.Null()], {
        default: null,
        description: 'Signs every callback with HMAC-SHA256.',
      }),
    }),
    security: section({
      auth_failures: int(
        'Wrong SIP credentials from one address before it is banned; over WebSockets, where a proxy may give all one address, over one connection or for one account.',
        20,
        1,
        10_000,
      ),
      ban_s: int('How long it is banned.', 600, 1, 86_400),
      digest_algorithms: Type.Array(Type.Union([Type.Literal('SHA-256'), Type.Literal('MD5')]), {
        default: ['SHA-256', 'MD5'],
        minItems: 1,
        uniqueItems: true,
        description:
          'Digest algorithms for SIP users, strongest first. Clients known to fail on SHA-256 (baresip before 2, sipp, those in browsers) get MD5 alone when it is in the list; for others that fail write ["MD5"].',
      }),
      nonce_lifetime_s: int('How long a digest nonce can be used.', 300, 10, 86_400),
    }),
    outbound: section({
      allowed_prefixes: Type.Array(Type.String({ pattern: '^\\+[0-9]*$' }), {
        default: ['+1'],
        description: 'E.164 prefixes that calls through trunks may go to.',
      }),
    }),
    messages: section({
      provider: Type.Union([Type.Literal('none'), Type.Literal('http')], {
        default: 'none',
        description:
          'Who carries text messages to numbers; those to SIP users of this server go to their phones (SIP MESSAGE) in any case.',
      }),
      url: Type.Union([Type.String({ pattern: '^https?://' }), Type.Null()], {
        default: null,
        description:
          'With `http`: gets a POST of `{"from", "to", "text", "media_urls"}` for each message, and takes it with any 2xx. A private address must be in `callbacks.allow_private`.',
      }),
      header_name: Type.String({
        default: 'Authorization',
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        description: 'Header sent with each, when it has a value.',
      }),
      header_value: Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'Its value, a secret: it is logged nowhere.',
      }),
      inbound_header_name: Type.String({
        default: 'Authorization',
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        description:
          'Header by which the provider shows who it is when it hands messages in (`POST /v1/Messages/Inbound`).',
      }),
      inbound_header_value: Type.Union([Type.String({ minLength: 16, maxLength: 1024 }), Type.Null()], {
        default: null,
        description: 'Its value, a secret, such as `Bearer …`. Without it nobody can hand messages in.',
      }),
      opt_in_reply: keywordReply('START and SUBSCRIBE'),
      opt_out_reply: keywordReply('STOP, UNSUBSCRIBE, CANCEL, QUIT and END; it is the last message the sender gets'),
      help_reply: keywordReply('HELP and INFO'),
    }),
    registration: section({
      min_expires_s: int('Shortest registration.', 60, 1, 86_400),
      max_expires_s: int('Longest registration.', 7200, 60, 604_800),
      default_expires_s: int('When the phone names none.', 3600, 60, 604_800),
      max_bindings: int('Phones per SIP user.', 10, 1, 1000),
    }),
    media: section({
      workers: int('Media worker threads; 0: one less than the cores.', 0, 0, 256),
      rtp_timeout_s: int(
        'Time without a packet or a report (RTCP) of the remote party, which may send, after which a call is ended; 0: never.',
        300,
        0,
        86_400,
      ),
      codecs: Type.Array(
        Type.Union([Type.Literal('PCMU'), Type.Literal('PCMA'), Type.Literal('G722'), Type.Literal('opus')]),
        {
          default: ['PCMU', 'PCMA', 'G722', 'opus'],
          minItems: 1,
          uniqueItems: true,
          description:
            'Codecs of calls, the preferred one first. The first two cost least; between calls of different codecs sound is converted.',
        },
      ),
      codec_preference: Type.Union([Type.Literal('server'), Type.Literal('caller')], {
        default: 'server',
        description: 'Whose order of codecs decides on a call that comes in.',
      }),
      srtp_suites: Type.Array(
        Type.Union([
          Type.Literal('AEAD_AES_128_GCM'),
          Type.Literal('AES_CM_128_HMAC_SHA1_80'),
          Type.Literal('AES_CM_128_HMAC_SHA1_32'),
        ]),
        {
          default: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
          minItems: 1,
          uniqueItems: true,
          description: 'Suites of calls that are protected by SRTP, the preferred one first.',
        },
      ),
      ice_consent_s: int(
        'Time without a connectivity check of a browser after which its call is ended; 0: never.',
        30,
        0,
        86_400,
      ),
      packet_io: Type.Union([Type.Literal('auto'), Type.Literal('native'), Type.Literal('dgram')], {
        default: 'auto',
        description:
          'How RTP packets come and go: `native` (the addon, which carries more calls per core and is built where there is a C++ compiler; Linux), `dgram` (Node’s own sockets) or whichever of the two is there. `voxology doctor` tells.',
      }),
    }),
    speech: section({
      workers: int('Text-to-speech worker threads.', 1, 1, 64),
      cache_bytes: int('Speech kept in memory.', 67_108_864, 1_048_576, 17_179_869_184),
      max_text_length: int('Characters of one SAY.', 5000, 1, 100_000),
      recognition: section({
        provider: Type.Union(
          ['auto', 'pocketsphinx', 'http', 'openai', 'none'].map((provider) => Type.Literal(provider)),
          {
            default: 'auto',
            description:
              'Who understands what callers say: `auto` (the program pocketsphinx when it is installed; English), `pocketsphinx` (no start without it), `http` or `openai` (a server of yours, see [speech.md](speech.md)), `none`.',
          },
        ),
        url: Type.Union([Type.String({ pattern: '^https?://' }), Type.Null()], {
          default: null,
          description:
            'With `http` and `openai`: gets a POST of each utterance. A private address must be in `callbacks.allow_private`.',
        }),
        model: Type.String({
          default: 'whisper-1',
          minLength: 1,
          maxLength: 200,
          description: 'With `openai`: the model that the server is asked for.',
        }),
        header_name: Type.String({
          default: 'Authorization',
          pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
          description: 'Header sent with each utterance, when it has a value.',
        }),
        header_value: Type.Union([Type.String(), Type.Null()], {
          default: null,
          description: 'Its value, a secret: it is logged nowhere.',
        }),
        at_once: int('Utterances recognised at the same time.', 4, 1, 1000),
        max_waiting: int('Utterances that may wait for that; more are refused.', 100, 1, 100_000),
        time_limit_ms: int('Time for one utterance, waiting included.', 10_000, 500, 120_000),
        max_utterance_ms: int('Whoever says something longer is cut there.', 30_000, 1000, 120_000),
        memory_bytes: int(
          'Memory of each media worker for what callers are saying; without room it is not understood.',
          67_108_864,
          1_048_576,
          17_179_869_184,
        ),
      }),
    }),
  },
  { ...strict, $id: 'https://voxology.dev/schema/config.json', title: 'Voxology configuration' },
);

export type Config = Static<typeof ConfigSchema>;
