export type { DialogState } from './dialog/dialog-state.ts';
export { type DigestAlgorithm, ha1 } from './digest/algorithm.ts';
export { authorize, DigestClient, type DigestCredentials } from './digest/digest-client.ts';
export {
  type DigestVerdict,
  DigestVerifier,
  type DigestVerifierOptions,
  type LookupHa1,
} from './digest/digest-verifier.ts';
export type { HeaderLines } from './endpoint/core.ts';
export type { Dialog } from './endpoint/dialog.ts';
export { SipEndpoint } from './endpoint/endpoint.ts';
export type { ExchangeResult } from './endpoint/exchange.ts';
export { CallEndedError, type IncomingCall } from './endpoint/incoming-call.ts';
export type { EndpointLimits, EndpointOptions, ListenAddress, OutgoingRequest } from './endpoint/options.ts';
export type { CallFailure, InviteOptions, OutgoingCall } from './endpoint/outgoing-call.ts';
export type { ReinviteResult } from './endpoint/reinvite.ts';
export type { IncomingReoffer } from './endpoint/reoffer.ts';
export type { RequestHandler, Respond } from './endpoint/requests.ts';
export { createRequest, type RequestOptions } from './message/create-request.ts';
export { createResponse, type ResponseOptions } from './message/create-response.ts';
export { type CSeq, formatCSeq, parseCSeq } from './message/cseq.ts';
export { BRANCH_COOKIE, newBranch, newCallId, newTag } from './message/identifiers.ts';
export { DEFAULT_LIMITS, type MessageLimits } from './message/limits.ts';
export { SipHeaders, type SipMessage, type SipRequest, type SipResponse } from './message/message.ts';
export { formatNameAddr, type NameAddr, parseNameAddr } from './message/name-addr.ts';
export { formatParams, type Params, parseParams, quote, unquote } from './message/params.ts';
export {
  type ParseError,
  type ParseErrorCode,
  type ParseResult,
  type PartialMessage,
  parseMessage,
} from './message/parse.ts';
export { reasonPhrase } from './message/reason-phrases.ts';
export { sameUri } from './message/same-uri.ts';
export { SerializeError, serialize } from './message/serialize.ts';
export { type Frame, StreamFramer } from './message/stream-framer.ts';
export { escapeUser, formatSipUri, parseSipUri, type SipUri, unescapeUri } from './message/uri.ts';
export { formatVia, parseVia, type Via } from './message/via.ts';
export { addressOfRecord } from './registrar/aor.ts';
export type { Binding, RegistrationSource } from './registrar/binding.ts';
export { type RegisterAnswer, Registrar, type RegistrarOptions } from './registrar/registrar.ts';
export { type Clock, SystemClock, type Timer, VirtualClock } from './transaction/clock.ts';
export { DEFAULT_TIMERS, type TimerValues } from './transaction/timer-values.ts';
export type { Counters } from './transport/counters.ts';
export { LoopbackNetwork, type Passage, type Weather } from './transport/loopback.ts';
export { DEFAULT_TCP_LIMITS, type TcpLimits } from './transport/tcp.ts';
export { ListenError, type LocalAddress, type Peer, type Protocol, type Transport } from './transport/transport.ts';
export type { Advertise } from './transport/transport-layer.ts';
export {
  DEFAULT_WS_LIMITS,
  refuseUpgrade,
  type WsLimits,
  WsTransport,
  type WsTransportOptions,
} from './transport/ws.ts';
