import { captureInviteHeaders, ereg, timeoutAttribute } from './sipp-xml.ts';

/**
 * The steps of a sipp scenario, in order. What happens is told through `<log>` lines, which `sipp.ts` turns into events:
 * `event NAME rest`.
 */
export class SippSteps {
  private readonly steps: string[] = [];
  private readonly variables = new Set<string>();
  private labels = 0;
  /** A 487 will be sent, which needs the headers of the INVITE. */
  private rememberInvite = false;

  send(message: string, options: { retransmit?: boolean } = {}): void {
    const retrans = options.retransmit === true ? ' retrans="500"' : '';
    this.steps.push(`<send${retrans}><![CDATA[\n${message}\n]]></send>`);
  }

  receiveProvisional(status: number): void {
    this.steps.push(`<recv response="${status}" optional="true"/>`);
    if (status !== 100) this.event(status === 180 ? 'ringing' : 'progress');
  }

  receiveResponse(status: number, options: { auth?: boolean; timeoutMs?: number; action?: string } = {}): void {
    const auth = options.auth === true ? ' auth="true"' : '';
    this.receive(`response="${status}"${auth}${timeoutAttribute(options.timeoutMs)}`, options.action);
  }

  /** The response that sets up a dialog, with its route set. */
  receiveDialog(status: number, action: string, timeoutMs: number | undefined): void {
    this.receive(`response="${status}" rrs="true"${timeoutAttribute(timeoutMs)}`, action);
  }

  receiveRequest(method: string, timeoutMs: number, action?: string): void {
    const routes = method === 'INVITE' ? ' rrs="true"' : '';
    this.receive(`request="${method}"${routes} timeout="${timeoutMs}"`, action);
  }

  /** 401 or 407. */
  receiveChallenge(): void {
    const label = ++this.labels;
    this.receiveProvisional(100);
    this.steps.push(`<recv response="401" optional="true" auth="true" next="${label}"/>`);
    this.steps.push(`<recv response="407" auth="true"/>`);
    this.steps.push(`<label id="${label}"/>`);
  }

  pause(durationMs: number): void {
    this.steps.push(`<pause milliseconds="${durationMs}"/>`);
  }

  /** Any line for the test: `event …`, told with the message received last where there is one. */
  event(text: string): void {
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
  }

  /** Action that keeps a header of the message in a variable. */
  captureHeader(variable: string, header: string): string {
    this.uses(variable);
    return ereg('[^ ].*', 'hdr', [variable], true, header);
  }

  /** Action that keeps the media address of the message in `mediaip` and `mediaport`. */
  captureMedia(): string {
    this.uses('medialine', 'mediaport', 'mediaipline', 'mediaip');
    return (
      ereg('m=audio ([0-9]+)', 'msg', ['medialine', 'mediaport'], false) +
      ereg('c=IN IP4 ([0-9.]+)', 'msg', ['mediaipline', 'mediaip'], false)
    );
  }

  /** Action that keeps the body of the message, one line of text, in `text`. */
  captureText(): string {
    this.uses('text');
    return ereg('.+', 'body', ['text'], true);
  }

  /** Action that keeps the direction of the message's media in `answerdirection`. */
  captureDirection(): string {
    this.uses('answerline', 'answerdirection');
    return ereg('a=(sendrecv|sendonly|recvonly|inactive)', 'msg', ['answerline', 'answerdirection'], false);
  }

  /** The INVITE's headers are kept when it comes, for the 487. */
  keepInvite(): void {
    this.rememberInvite = true;
    this.uses('invitevia', 'invitefrom', 'inviteto', 'invitecseq', 'invitecseqall');
  }

  /** The scenario as sipp reads it. */
  xml(): string {
    const steps = this.rememberInvite ? this.steps.map(captureInviteHeaders) : this.steps;
    const reference = this.variables.size === 0 ? '' : `<Reference variables="${[...this.variables].join(',')}"/>`;
    return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="e2e">\n${steps.join('\n')}\n${reference}\n</scenario>\n`;
  }

  private receive(attributes: string, action: string | undefined): void {
    this.steps.push(
      action === undefined ? `<recv ${attributes}/>` : `<recv ${attributes}><action>${action}</action></recv>`,
    );
  }

  private uses(...names: string[]): void {
    for (const name of names) this.variables.add(name);
  }
}
