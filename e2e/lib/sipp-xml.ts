/** Pieces of sipp's scenario language. */

/** Reason phrases of the responses that test phones give. */
export const REASON: Record<number, string> = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  404: 'Not Found',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  487: 'Request Terminated',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
};

/** Attribute that bounds a `<recv>`; none without a time. */
export function timeoutAttribute(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? '' : ` timeout="${timeoutMs}"`;
}

/** `<ereg>`: the match goes into the first variable, its groups into the next; with `must` no match fails the call. */
export function ereg(
  expression: string,
  where: 'msg' | 'hdr' | 'body',
  variables: string[],
  must: boolean,
  header?: string,
): string {
  const headerAttribute = header === undefined ? '' : ` header="${header}"`;
  return `<ereg regexp="${expression}" search_in="${where}"${headerAttribute} check_it="${must}" assign_to="${variables.join(',')}"/>`;
}

/** The 487 that follows a CANCEL answers the INVITE: its headers are kept when it comes in. */
export function captureInviteHeaders(step: string): string {
  if (!step.startsWith('<recv request="INVITE"')) return step;
  const captured =
    ereg('Via:[^\\n\\r]*', 'msg', ['invitevia'], true) +
    ereg('From:[^\\n\\r]*', 'msg', ['invitefrom'], true) +
    ereg('To:[^\\n\\r]*', 'msg', ['inviteto'], true) +
    ereg('CSeq: *([0-9]+)', 'msg', ['invitecseqall', 'invitecseq'], true);
  return step.replace('<action>', `<action>${captured}`);
}
