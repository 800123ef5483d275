import { REASON } from './sipp-xml.ts';

/** Who calls whom, and how a test phone is reached. */
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

export interface SipAccount {
  user: string;
  password: string;
}

/** The method of what a test tells a phone of its own; no server ever sends it. */
export const WORD = 'INFO';

interface RequestParts {
  to: string;
  cseq: number;
  branch: string;
  headers?: string[];
  body?: string;
  /** Of the body; default SDP. */
  contentType?: string;
}

interface ResponseParts {
  /** `To` with our tag, or as it came. */
  to: string;
  contact: boolean;
  body?: string;
}

/** The texts of the SIP messages that a test phone sends, with sipp's keywords in them. */
export class SippMessages {
  readonly dialog: SippDialog;
  private transaction = 0;

  constructor(dialog: SippDialog) {
    this.dialog = dialog;
  }

  request(method: string, uri: string, parts: RequestParts): string {
    const body = parts.body ?? '';
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
      ...(body === '' ? [] : [`Content-Type: ${parts.contentType ?? 'application/sdp'}`]),
      'Content-Length: [len]',
      '',
      body,
    ].join('\n');
  }

  /** A request of the dialog that is up. */
  inDialog(method: string, cseq: number, body = ''): string {
    return this.request(method, '[next_url]', {
      to: '[$remote]',
      cseq,
      branch: this.branch(),
      headers: ['[routes]', ...(method === 'INVITE' ? [this.contact()] : [])],
      body,
    });
  }

  /** A response to the request received last. */
  response(status: number, { to, contact, body = '' }: ResponseParts): string {
    return [
      `SIP/2.0 ${status} ${REASON[status] ?? 'Response'}`,
      '[last_Via:]',
      '[last_Record-Route:]',
      '[last_From:]',
      to,
      '[last_Call-ID:]',
      '[last_CSeq:]',
      ...(contact ? [this.contact()] : []),
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      'Content-Length: [len]',
      '',
      body,
    ].join('\n');
  }

  /** 487 to the INVITE that was remembered when it came, after the CANCEL has been answered. */
  terminated(): string {
    return [
      'SIP/2.0 487 Request Terminated',
      '[$invitevia]',
      '[$invitefrom]',
      `[$inviteto];tag=${this.tag()}`,
      '[last_Call-ID:]',
      'CSeq: [$invitecseq] INVITE',
      'Content-Length: 0',
      '',
      '',
    ].join('\n');
  }

  /** Contact header of ours. */
  contact(): string {
    const user = /sip:([^@]*)@/.exec(this.dialog.from)?.[1] ?? 'e2e';
    return `Contact: <sip:${user}@${this.dialog.contact ?? '[local_ip]:[local_port]'};transport=[transport]>`;
  }

  /** Header that answers the challenge received last. */
  authentication(): string {
    const account = this.dialog.account;
    if (account === undefined) throw new Error('a challenge cannot be answered without an account');
    return `[authentication username=${account.user} password=${account.password}]`;
  }

  /** Of a new transaction. */
  branch(): string {
    return `z9hG4bK${this.dialog.tag}-[pid]-[call_number]-${++this.transaction}`;
  }

  tag(): string {
    return `${this.dialog.tag}[pid]n[call_number]`;
  }
}
