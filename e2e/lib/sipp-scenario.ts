import { type SippDialog, SippMessages, WORD } from './sipp-messages.ts';
import { SippSteps } from './sipp-steps.ts';

/**
 * A sipp scenario written with functions instead of an XML file: one call (and the REGISTER before it), its steps in the
 * order of the calls.
 */
export class SippScenario {
  private readonly dialog: SippDialog;
  private readonly messages: SippMessages;
  private readonly steps = new SippSteps();
  private cseq = 0;
  private inviteBranch = '';
  private inviteCseq = 0;
  /** As caller the remote target comes from the 200, as callee from the INVITE. */
  private role: 'caller' | 'callee' = 'caller';
  private established = false;

  constructor(dialog: SippDialog) {
    this.dialog = dialog;
    this.messages = new SippMessages(dialog);
  }

  /** REGISTER with digest; `expiresSec` 0 removes the binding. */
  register(options: { expiresSec: number }): this {
    const registrar = this.dialog.to.replace(/sip:[^@]*@/, 'sip:');
    const headers = [this.messages.contact(), `Expires: ${options.expiresSec}`];
    const send = (authentication: string[]) =>
      this.steps.send(
        this.messages.request('REGISTER', registrar, {
          to: this.dialog.from,
          cseq: ++this.cseq,
          branch: this.messages.branch(),
          headers: [...headers, ...authentication],
        }),
        { retransmit: true },
      );
    send([]);
    if (this.dialog.account !== undefined) {
      this.steps.receiveResponse(401, { auth: true });
      send([this.messages.authentication()]);
    }
    this.steps.receiveResponse(200);
    return this.event('registered');
  }

  /** INVITE. With an account the challenge (401 or 407) is awaited and answered. `body` undefined is a delayed offer. */
  invite(body: string | undefined): this {
    this.role = 'caller';
    this.sendInvite(body, []);
    if (this.dialog.account === undefined) return this;
    this.steps.receiveChallenge();
    this.ackFailure();
    this.sendInvite(body, [this.messages.authentication()]);
    return this;
  }

  /** Provisional responses may come, none must. */
  provisionals(): this {
    for (const status of [100, 180, 183]) this.steps.receiveProvisional(status);
    return this;
  }

  /** A 180 must come (100 may before). */
  ringing(): this {
    this.steps.receiveProvisional(100);
    this.steps.receiveResponse(180);
    return this.event('ringing');
  }

  /** A 183 with SDP must come (100 and 180 may before): early media. `event media IP PORT`. */
  earlyMedia(): this {
    for (const status of [100, 180]) this.steps.receiveProvisional(status);
    this.steps.receiveResponse(183, { action: this.steps.captureMedia() });
    return this.event('early').event('media [$mediaip] [$mediaport]');
  }

  /** The 200 of the INVITE: remembers the dialog and tells the media address (`event media IP PORT`). */
  answered(options: { timeoutMs?: number } = {}): this {
    const action = this.steps.captureHeader('remote', 'To:') + this.steps.captureMedia();
    this.steps.receiveDialog(200, action, options.timeoutMs);
    return this.event('answered').event('media [$mediaip] [$mediaport]');
  }

  /** ACK of the 200; `body` answers a delayed offer. */
  ack(body = ''): this {
    this.steps.send(this.messages.inDialog('ACK', this.inviteCseq, body));
    return this;
  }

  /** A final response other than 2xx to the INVITE, with its ACK. `event final STATUS`. */
  rejected(status: number, options: { timeoutMs?: number } = {}): this {
    this.steps.receiveResponse(status, options);
    this.event(`final ${status}`);
    this.ackFailure();
    return this;
  }

  /** CANCEL of the pending INVITE and its 200. */
  cancel(): this {
    this.event('cancel-sent');
    const { to } = this.dialog;
    const parts = { to, cseq: this.inviteCseq, branch: this.inviteBranch };
    this.steps.send(this.messages.request('CANCEL', to, parts), { retransmit: true });
    this.steps.receiveResponse(200);
    return this;
  }

  /** Waits for {@link SippRun.tell}. */
  untilTold(timeoutMs = 40_000): this {
    this.event('waits');
    this.steps.receiveRequest(WORD, timeoutMs);
    return this;
  }

  pause(durationMs: number): this {
    this.steps.pause(durationMs);
    return this;
  }

  bye(): this {
    this.event('bye-sent');
    this.steps.send(this.messages.inDialog('BYE', ++this.cseq), { retransmit: true });
    this.steps.receiveResponse(200);
    return this;
  }

  /** Waits for BYE and answers it. `event bye`. */
  expectBye(timeoutMs = 25_000): this {
    this.steps.receiveRequest('BYE', timeoutMs);
    return this.event('bye').reply(200);
  }

  /** re-INVITE with this body, or with none and then `answer` in the ACK; its 200 and ACK. `event reinvited DIRECTION`. */
  reinvite(body: string, answer = ''): this {
    this.inviteCseq = ++this.cseq;
    this.steps.send(this.messages.inDialog('INVITE', this.inviteCseq, body), { retransmit: true });
    this.steps.receiveProvisional(100);
    this.steps.receiveResponse(200, { action: this.steps.captureDirection() });
    return this.event('reinvited [$answerdirection]').ack(answer);
  }

  /** As callee: waits for the INVITE. `event invited`, `event media IP PORT`. */
  expectInvite(timeoutMs = 15_000): this {
    this.role = 'callee';
    const action = this.steps.captureHeader('remote', 'From:') + this.steps.captureMedia();
    this.steps.receiveRequest('INVITE', timeoutMs, action);
    return this.event('invited [$remote]').event('media [$mediaip] [$mediaport]');
  }

  /** A response to the request received last; as callee, before the dialog is up, to the INVITE with our tag. */
  reply(status: number, options: { body?: string; retransmit?: boolean } = {}): this {
    const toInvite = this.role === 'callee' && !this.established;
    const message = this.messages.response(status, {
      to: toInvite && status > 100 ? `[last_To:];tag=${this.messages.tag()}` : '[last_To:]',
      contact: toInvite && status < 300,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    this.steps.send(message, { retransmit: options.retransmit ?? (toInvite && status >= 200) });
    return this;
  }

  /** As callee: the ACK of our final response; of a 2xx unless told otherwise, the dialog is up then. `event acked`. */
  expectAck(options: { established?: boolean } = {}): this {
    this.steps.receiveRequest('ACK', 10_000);
    this.established = options.established ?? true;
    return this.event('acked');
  }

  /** As callee: the CANCEL of the INVITE: 200 to it, 487 to the INVITE, its ACK. `event canceled`. */
  expectCancel(timeoutMs = 15_000): this {
    this.steps.keepInvite();
    this.steps.receiveRequest('CANCEL', timeoutMs);
    this.event('canceled').reply(200, { retransmit: false });
    this.steps.send(this.messages.terminated(), { retransmit: true });
    return this.expectAck({ established: false });
  }

  /** Sends a text (RFC 3428); with an account the challenge is answered. A final response with this status must come. */
  sendMessage(body: string, status = 200, contentType = 'text/plain;charset=UTF-8'): this {
    const { to, account } = this.dialog;
    const send = (headers: string[]) => {
      const parts = { to, cseq: ++this.cseq, branch: this.messages.branch(), headers, body, contentType };
      this.steps.send(this.messages.request('MESSAGE', to, parts), { retransmit: true });
    };
    send([]);
    if (account !== undefined) {
      this.steps.receiveResponse(401, { auth: true });
      send([this.messages.authentication()]);
    }
    this.steps.receiveResponse(status);
    return this.event(`answered ${status}`);
  }

  /** Waits for a text (RFC 3428) and takes it. `event message TEXT`. */
  expectMessage(timeoutMs = 15_000): this {
    this.steps.receiveRequest('MESSAGE', timeoutMs, this.steps.captureText());
    this.event('message [$text]');
    this.steps.send(this.messages.response(200, { to: `[last_To:];tag=${this.messages.tag()}`, contact: false }));
    return this;
  }

  /** Any line for the test: `event …`. */
  event(text: string): this {
    this.steps.event(text);
    return this;
  }

  /** The scenario as sipp reads it. */
  xml(): string {
    return this.steps.xml();
  }

  private sendInvite(body: string | undefined, authentication: string[]): void {
    const { to } = this.dialog;
    this.inviteBranch = this.messages.branch();
    this.inviteCseq = ++this.cseq;
    const headers = [this.messages.contact(), 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS', ...authentication];
    this.steps.send(
      this.messages.request('INVITE', to, {
        to,
        cseq: this.inviteCseq,
        branch: this.inviteBranch,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
      { retransmit: true },
    );
  }

  private ackFailure(): void {
    this.steps.send(
      this.messages.request('ACK', this.dialog.to, {
        to: '[last_To:]',
        cseq: this.inviteCseq,
        branch: this.inviteBranch,
      }),
    );
  }
}
