/**
 * sipp scenarios written with functions instead of XML files. One scenario is one call (and the REGISTER before it).
 * What happens is told through `<log>` lines, which `sipp.ts` turns into events: `event NAME rest`.
 */
import { captureInviteHeaders, ereg, REASON, timeoutAttribute } from './sipp-xml.ts';

export interface SipAccount {
  user: string;
  password: string;
}

export interface SippDialog {
  /** Request-URI and To of what we send, e.g. `sip:+12135550100@example`. */
  to: string;
  /** Our address of record, e.g. `sip:alice@example`. */
  from: string;
  /** Where the other side sends requests of the dialog: HOST:PORT; default sipp's own socket. */
  contact?: string;
  /** Answers 401 and 407 challenges when given. */
  account?: SipAccount;
  /** Makes tags differ between scenarios of one process family. */
  tag: string;
}

const NO_BODY = '';

/** Builder of one scenario; steps run in the order of the calls. */
export class SippScenario {
  private readonly dialog: SippDialog;
  private readonly steps: string[] = [];
  private readonly variables = new Set<string>();
  private transaction = 0;
  private cseq = 0;
  private labels = 0;
  private inviteBranch = '';
  private inviteCseq = 0;
  /** As caller the remote target comes from the 200, as callee from the INVITE. */
  private role: 'caller' | 'callee' = 'caller';

  constructor(dialog: SippDialog) {
    this.dialog = dialog;
  }

  /** REGISTER with digest; `expiresSec` 0 removes the binding. `expect` is the final response. */
  register(options: { expiresSec?: number; expect?: number; wrongRealmUser?: boolean } = {}): this {
    const registrar = this.dialog.to.replace(/sip:[^@]*@/, 'sip:');
    const headers = [`Contact: <${this.contactUri()}>`, `Expires: ${options.expiresSec ?? 300}`];
    const request = (auth: boolean) =>
      this.request('REGISTER', registrar, {
        to: this.dialog.from,
        cseq: ++this.cseq,
        branch: this.branch(),
        headers: auth ? [...headers, this.authentication()] : headers,
      });
    this.send(request(false), { retransmit: true });
    if (this.dialog.account !== undefined) {
      this.receiveResponse(401, { auth: true });
      this.send(request(true), { retransmit: true });
    }
    this.receiveResponse(options.expect ?? 200);
    return this.event('registered');
  }

  /**
   * INVITE. With an account the challenge (401 or 407) is awaited and answered. `body` undefined is a delayed offer.
   * `authorized: false` leaves the challenge unanswered: the scenario goes on with the challenge as final response.
   */
  invite(body: string | undefined): this {
    this.role = 'caller';
    this.sendInvite(body, false);
    if (this.dialog.account === undefined) return this;
    const label = ++this.labels;
    this.receiveProvisional(100);
    this.steps.push(`<recv response="401" optional="true" auth="true" next="${label}"/>`);
    this.steps.push(`<recv response="407" auth="true"/>`);
    this.steps.push(`<label id="${label}"/>`);
    this.ackFailure();
    this.sendInvite(body, true);
    return this;
  }

  /** Provisional responses may come, none must. */
  provisionals(): this {
    for (const status of [100, 180, 183]) this.receiveProvisional(status);
    return this;
  }

  /** A 180 must come (100 may before). */
  ringing(): this {
    this.receiveProvisional(100);
    this.receiveResponse(180);
    return this.event('ringing');
  }

  /** The 200 of the INVITE: remembers the dialog and tells the media address (`event media IP PORT`). */
  answered(options: { timeoutMs?: number; media?: boolean } = {}): this {
    this.steps.push(
      `<recv response="200" rrs="true"${timeoutAttribute(options.timeoutMs)}>` +
        `<action>${this.capture('remote', 'To:')}${this.captureMedia(options.media ?? true)}</action></recv>`,
    );
    this.event('answered');
    return options.media === false ? this : this.event('media [$mediaip] [$mediaport]');
  }

  /** ACK of the 200; `body` answers a delayed offer. */
  ack(body: string = NO_BODY): this {
    this.send(
      this.request('ACK', '[next_url]', {
        to: '[$remote]',
        cseq: this.inviteCseq,
        branch: this.branch(),
        headers: ['[routes]'],
        body,
      }),
    );
    return this;
  }

  /** A final response other than 2xx to the INVITE, with its ACK. `event final STATUS`. */
  rejected(status: number, options: { timeoutMs?: number } = {}): this {
    this.receiveResponse(status, options);
    this.event(`final ${status}`);
    this.ackFailure();
    return this;
  }

  /** CANCEL of the pending INVITE and its 200. */
  cancel(): this {
    this.event('cancel-sent');
    this.send(
      this.request('CANCEL', this.dialog.to, { to: this.dialog.to, cseq: this.inviteCseq, branch: this.inviteBranch }),
      { retransmit: true },
    );
    this.receiveResponse(200);
    return this;
  }

  pause(durationMs: number): this {
    this.steps.push(`<pause milliseconds="${durationMs}"/>`);
    return this;
  }

  bye(): this {
    this.event('bye-sent');
    this.send(this.inDialog('BYE'), { retransmit: true });
    this.receiveResponse(200);
    return this;
  }

  /** Waits for BYE and answers it. `event bye`. */
  expectBye(timeoutMs = 25_000): this {
    this.steps.push(`<recv request="BYE" timeout="${timeoutMs}"/>`);
    this.event('bye');
    this.reply(200);
    return this;
  }

  /** re-INVITE with this body; its 200 and ACK. `event reinvited`. */
  reinvite(body: string): this {
    this.inviteCseq = ++this.cseq;
    this.send(this.inDialog('INVITE', this.inviteCseq, body), { retransmit: true });
    this.receiveProvisional(100);
    this.steps.push(
      `<recv response="200"><action>${ereg('a=(sendrecv|sendonly|recvonly|inactive)', 'msg', ['answerline', 'answerdirection'], false)}</action></recv>`,
    );
    this.uses('answerline', 'answerdirection');
    this.event('reinvited [$answerdirection]');
    this.ack();
    return this;
  }

  /** As callee: waits for the INVITE. `event invited`, `event media IP PORT`. */
  expectInvite(timeoutMs = 15_000): this {
    this.role = 'callee';
    this.steps.push(
      `<recv request="INVITE" rrs="true" timeout="${timeoutMs}">` +
        `<action>${this.capture('remote', 'From:')}${this.captureMedia(true)}</action></recv>`,
    );
    this.event('invited [$remote]');
    return this.event('media [$mediaip] [$mediaport]');
  }

  /** As callee: a response to the INVITE (or to any other request received last) with our tag. */
  reply(status: number, options: { body?: string; retransmit?: boolean } = {}): this {
    const body = options.body ?? NO_BODY;
    const inviteHeaders = body === NO_BODY ? [] : [`Contact: <${this.contactUri()}>`, 'Content-Type: application/sdp'];
    const to =
      this.role === 'callee' && status > 100 && !this.established ? `[last_To:];tag=${this.tag()}` : '[last_To:]';
    const lines = [
      `SIP/2.0 ${status} ${REASON[status] ?? 'Response'}`,
      '[last_Via:]',
      '[last_Record-Route:]',
      '[last_From:]',
      to,
      '[last_Call-ID:]',
      '[last_CSeq:]',
      ...(this.role === 'callee' && status < 300 && !this.established ? [`Contact: <${this.contactUri()}>`] : []),
      ...inviteHeaders.slice(1),
      'Content-Length: [len]',
      '',
      body,
    ];
    this.send(lines.join('\n'), {
      retransmit: options.retransmit ?? (this.role === 'callee' && status >= 200 && !this.established),
    });
    return this;
  }

  /** As callee: the ACK of our 2xx; the dialog is up. `event acked`. */
  expectAck(options: { established?: boolean } = {}): this {
    this.steps.push('<recv request="ACK" timeout="10000"/>');
    this.established = options.established ?? true;
    return this.event('acked');
  }
  private established = false;

  /** As callee: the CANCEL of the INVITE: 200 to it, 487 to the INVITE, its ACK. `event canceled`. */
  expectCancel(timeoutMs = 15_000): this {
    this.rememberInvite = true;
    this.steps.push(`<recv request="CANCEL" timeout="${timeoutMs}"/>`);
    this.event('canceled');
    this.reply(200, { retransmit: false });
    this.send(
      [
        'SIP/2.0 487 Request Terminated',
        '[$invitevia]',
        '[$invitefrom]',
        `[$inviteto];tag=${this.tag()}`,
        '[last_Call-ID:]',
        'CSeq: [$invitecseq] INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\n'),
      { retransmit: true },
    );
    return this.expectAck({ established: false });
  }
  private rememberInvite = false;

  /** Any line for the test: `event …`, told with the message received last where there is one. */
  event(text: string): this {
    const line = `<log message="event ${text}"/>`;
    const last = this.steps.at(-1);
    // A step of its own between a request and its response would make sipp fail on a fast response.
    if (last?.startsWith('<recv') && !last.includes('next=')) {
      this.steps[this.steps.length - 1] = last.endsWith('</action></recv>')
        ? last.replace('</action></recv>', `${line}</action></recv>`)
        : `${last.slice(0, -2)}><action>${line}</action></recv>`;
    } else {
      this.steps.push(`<nop><action>${line}</action></nop>`);
    }
    return this;
  }

  /** The scenario as sipp reads it. */
  xml(): string {
    const steps = this.rememberInvite ? this.steps.map(captureInviteHeaders) : this.steps;
    if (this.rememberInvite) this.uses('invitevia', 'invitefrom', 'inviteto', 'invitecseq', 'invitecseqall');
    const reference = this.variables.size === 0 ? '' : `<Reference variables="${[...this.variables].join(',')}"/>`;
    return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="e2e">\n${steps.join('\n')}\n${reference}\n</scenario>\n`;
  }

  private sendInvite(body: string | undefined, authorized: boolean): void {
    this.inviteBranch = this.branch();
    this.inviteCseq = ++this.cseq;
    this.send(
      this.request('INVITE', this.dialog.to, {
        to: this.dialog.to,
        cseq: this.inviteCseq,
        branch: this.inviteBranch,
        headers: [
          `Contact: <${this.contactUri()}>`,
          'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS',
          ...(authorized ? [this.authentication()] : []),
        ],
        body: body ?? NO_BODY,
      }),
      { retransmit: true },
    );
  }

  private ackFailure(): void {
    this.send(
      this.request('ACK', this.dialog.to, {
        to: '[last_To:]',
        cseq: this.inviteCseq,
        branch: this.inviteBranch,
      }),
    );
  }

  private inDialog(method: string, cseq = ++this.cseq, body: string = NO_BODY): string {
    return this.request(method, '[next_url]', {
      to: '[$remote]',
      cseq,
      branch: this.branch(),
      headers: ['[routes]', ...(method === 'INVITE' ? [`Contact: <${this.contactUri()}>`] : [])],
      body,
    });
  }

  private request(
    method: string,
    uri: string,
    parts: { to: string; cseq: number; branch: string; headers?: string[]; body?: string },
  ): string {
    const body = parts.body ?? NO_BODY;
    const to = parts.to.startsWith('[last_To')
      ? parts.to
      : parts.to.startsWith('[$')
        ? `To: ${parts.to}`
        : `To: <${parts.to}>`;
    return [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${parts.branch};rport`,
      `From: <${this.dialog.from}>;tag=${this.tag()}`,
      to,
      'Call-ID: [call_id]',
      `CSeq: ${parts.cseq} ${method}`,
      'Max-Forwards: 70',
      ...(parts.headers ?? []),
      ...(body === NO_BODY ? [] : ['Content-Type: application/sdp']),
      'Content-Length: [len]',
      '',
      body,
    ].join('\n');
  }

  private send(message: string, options: { retransmit?: boolean } = {}): void {
    const retrans = options.retransmit === true ? ' retrans="500"' : '';
    this.steps.push(`<send${retrans}><![CDATA[\n${message}\n]]></send>`);
  }

  private receiveProvisional(status: number): void {
    this.steps.push(`<recv response="${status}" optional="true"/>`);
    if (status !== 100) this.event(status === 180 ? 'ringing' : 'progress');
  }

  private receiveResponse(status: number, options: { auth?: boolean; timeoutMs?: number } = {}): void {
    const auth = options.auth === true ? ' auth="true"' : '';
    this.steps.push(`<recv response="${status}"${auth}${timeoutAttribute(options.timeoutMs)}/>`);
  }

  private capture(variable: string, header: string): string {
    this.uses(variable);
    return ereg('[^ ].*', 'hdr', [variable], true, header);
  }

  private captureMedia(present: boolean): string {
    if (!present) return '';
    this.uses('medialine', 'mediaport', 'mediaipline', 'mediaip');
    return (
      ereg('m=audio ([0-9]+)', 'msg', ['medialine', 'mediaport'], false) +
      ereg('c=IN IP4 ([0-9.]+)', 'msg', ['mediaipline', 'mediaip'], false)
    );
  }

  private authentication(): string {
    const account = this.dialog.account;
    if (account === undefined) throw new Error('a challenge cannot be answered without an account');
    return `[authentication username=${account.user} password=${account.password}]`;
  }

  private contactUri(): string {
    const user = /sip:([^@]*)@/.exec(this.dialog.from)?.[1] ?? 'e2e';
    return `sip:${user}@${this.dialog.contact ?? '[local_ip]:[local_port]'};transport=[transport]`;
  }

  private branch(): string {
    return `z9hG4bK${this.dialog.tag}-[pid]-[call_number]-${++this.transaction}`;
  }

  private tag(): string {
    return `${this.dialog.tag}[pid]n[call_number]`;
  }

  private uses(...names: string[]): void {
    for (const name of names) this.variables.add(name);
  }
}
