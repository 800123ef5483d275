/**
 * The callers, as sipp scenarios. Fields of the caller file (see {@link callerLine}): 0 the caller's number, 1 the payload types
 * it offers, 2 its codec's rtpmap, 3 the clock of its digits.
 * The response time 1 is from the INVITE to the 200; 2, with digits, from the last digit to the BYE.
 */

/** First port of sipp's media ports; call k has the fourth port after that of call k - 1. */
export const FIRST_MEDIA_PORT = 30_000;
/** The same of the callees of a bridge. */
export const FIRST_CALLEE_PORT = 40_200;
/** rtppeer's ports are so much higher than those that sipp binds itself. */
export const MEDIA_PORT_OFFSET = 100;
/** sipp starts again with the first port after so many calls. */
export const MAX_MEDIA_CALLS = 2_500;

const VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
const FROM = 'From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]';
const CONTACT = 'Contact: <sip:[field0]@[local_ip]:[local_port]>';
const OK = message(['SIP/2.0 200 OK', '[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]']);

/** The one codec that a party speaks. */
export type BenchCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** What the `call`-th caller speaks, where they take turns with these. */
export function codecOf(codecs: readonly BenchCodec[], call: number): BenchCodec {
  return codecs[(call - 1) % codecs.length] ?? 'PCMU';
}

interface Offer {
  /** Payload types; 101, which is always described, only where digits are offered. */
  formats: string;
  rtpmap: string;
  digitsHz: string;
}

const PAYLOAD_TYPES: Readonly<Record<BenchCodec, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };
const OFFER_OF_CALLER: Offer = { formats: '[field1]', rtpmap: '[field2]', digitsHz: '[field3]' };

function offerOf(codec: BenchCodec, digits: boolean): Offer {
  const type = PAYLOAD_TYPES[codec];
  const isOpus = codec === 'opus';
  return {
    formats: digits ? `${type} 101` : String(type),
    rtpmap: `${type} ${codec}/${isOpus ? '48000/2' : '8000'}`,
    digitsHz: isOpus ? '48000' : '8000',
  };
}

/** The line of a caller in sipp's file of callers. `digits`: it offers to send them as events. */
export function callerLine(callerNo: string, codec: BenchCodec, digits: boolean): string {
  const { formats, rtpmap, digitsHz } = offerOf(codec, digits);
  return [callerNo, formats, rtpmap, digitsHz].join(';');
}

/** Set-up rate: the server answers and hangs up at once; what audio comes is not listened to. */
export function answerAndHangUp(): string {
  return scenario('answer_and_hang_up', [
    invite(`[auto_media_port+${MEDIA_PORT_OFFSET}]`),
    provisional(),
    '<recv response="200" rrs="true" rtd="1" timeout="10000"/>',
    `<send>${inDialog('ACK', 1)}</send>`,
    '<recv request="BYE" timeout="10000"/>',
    `<send>${OK}</send>`,
  ]);
}

/** Stays up for `holdMs` and ends the call, or takes the server's BYE. rtppeer is told by the log about start and end. */
export function holdCall(holdMs: number): string {
  return scenario('hold_call', [
    invite(`[auto_media_port+${MEDIA_PORT_OFFSET}]`),
    provisional(),
    `<recv response="200" rrs="true" rtd="1"><action>
      <ereg regexp="m=audio ([0-9]+)" search_in="msg" check_it="true" assign_to="portLine,port"/>
      <ereg regexp="c=IN IP4 ([0-9.]+)" search_in="msg" check_it="true" assign_to="addressLine,address"/>
      <log message="RTP #[call_number] [$address] [$port]"/>
    </action></recv>
    <Reference variables="portLine,addressLine"/>`,
    `<send>${inDialog('ACK', 1)}</send>`,
    `<recv request="BYE" timeout="${Math.round(holdMs)}" ontimeout="we_end" next="they_ended"/>`,
    '<label id="we_end"/>',
    '<nop><action><log message="END #[call_number]"/></action></nop>',
    `<send retrans="500">${inDialog('BYE', 2)}</send>`,
    '<recv response="200" next="over"/>',
    '<label id="they_ended"/>',
    `<send>${OK}</send>`,
    '<nop><action><log message="END #[call_number]"/></action></nop>',
    '<label id="over"/>',
  ]);
}

/**
 * A callee: answers at once and waits for the BYE. rtppeer is told by the log about start and end,
 * and we from whom the call is: "RTP #CALL ADDRESS PORT CALLER".
 */
export function answerCall(): string {
  const headers = (first: string) => [
    first,
    '[last_Via:]',
    '[last_Record-Route:]',
    '[last_From:]',
    '[last_To:];tag=[pid]s[call_number]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    'Contact: <sip:callee@[local_ip]:[local_port]>',
    'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS',
  ];
  const answer = message(
    [...headers('SIP/2.0 200 OK'), 'Content-Type: application/sdp'],
    sdp(`[auto_media_port+${MEDIA_PORT_OFFSET}]`, offerOf('PCMU', true)),
  );
  return scenario('answer_call', [
    `<recv request="INVITE" rrs="true"><action>
      <ereg regexp="m=audio ([0-9]+)" search_in="msg" check_it="true" assign_to="portLine,port"/>
      <ereg regexp="c=IN IP4 ([0-9.]+)" search_in="msg" check_it="true" assign_to="addressLine,address"/>
      <ereg regexp="[+][0-9]+" search_in="hdr" header="From:" assign_to="caller"/>
    </action></recv>
    <Reference variables="portLine,addressLine"/>`,
    `<send>${message(headers('SIP/2.0 180 Ringing'))}</send>`,
    `<send retrans="500">${answer}</send>`,
    '<recv request="ACK"><action><log message="RTP #[call_number] [$address] [$port] [$caller]"/></action></recv>',
    '<recv request="BYE"/>',
    `<send>${OK}</send>`,
    '<nop><action><log message="END #[call_number]"/></action></nop>',
  ]);
}

/** Sends the RFC 4733 digits 1 2 3 4 from 0.8 s after the answer, then waits for the server to hang up. */
export function pressDigits(): string {
  const press = (digit: number) =>
    `<nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_${digit}.pcap"/></action></nop>`;
  return scenario('press_digits', [
    invite('[auto_media_port]'),
    provisional(),
    '<recv response="200" rrs="true" rtd="1"/>',
    `<send>${inDialog('ACK', 1)}</send>`,
    '<pause milliseconds="800"/>',
    [1, 2, 3, 4].map(press).join('\n  <pause milliseconds="500"/>\n  '),
    '<nop start_rtd="2"/>',
    '<recv request="BYE" timeout="15000" rtd="2"/>',
    `<send>${OK}</send>`,
  ]);
}

function scenario(name: string, steps: string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">\n  ${steps.join('\n  ')}\n</scenario>\n`;
}

function invite(mediaPort: string): string {
  const headers = [
    'INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0',
    VIA,
    FROM,
    'To: <sip:[service]@[remote_ip]:[remote_port]>',
    'Call-ID: [call_id]',
    'CSeq: 1 INVITE',
    CONTACT,
    'Max-Forwards: 70',
    'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS',
    'Content-Type: application/sdp',
  ];
  return `<send retrans="500" start_rtd="1">${message(headers, sdp(mediaPort, OFFER_OF_CALLER))}</send>`;
}

function sdp(mediaPort: string, { formats, rtpmap, digitsHz }: Offer): string[] {
  return [
    'v=0',
    'o=bench 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [media_ip]',
    't=0 0',
    `m=audio ${mediaPort} RTP/AVP ${formats}`,
    `a=rtpmap:${rtpmap}`,
    `a=rtpmap:101 telephone-event/${digitsHz}`,
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
  ];
}

function inDialog(method: 'ACK' | 'BYE', cseq: number): string {
  return message([
    `${method} [next_url] SIP/2.0`,
    VIA,
    '[routes]',
    FROM,
    'To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]',
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    CONTACT,
    'Max-Forwards: 70',
  ]);
}

function provisional(): string {
  return [100, 180, 183].map((status) => `<recv response="${status}" optional="true"/>`).join('\n  ');
}

function message(headers: string[], body: string[] = []): string {
  const length = body.length === 0 ? 'Content-Length: 0' : 'Content-Length: [len]';
  return `\n<![CDATA[\n${[...headers, length, '', ...body].join('\n')}\n${body.length === 0 ? '\n' : ''}]]>\n`;
}
