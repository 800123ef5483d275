import type { CallInfo } from '@voxology/callflow';
import type { Store } from '@voxology/store';
import { toE164 } from '../number/e164.ts';

/** A caller id that this call may not show. */
export class CallerIdRefused extends Error {
  override readonly name = 'CallerIdRefused';
}

/**
 * The From of a second leg. By default the far side sees who calls: the remote party's own number, or the account's where
 * that is withheld or is none. A flow may ask for the one or the other, or for any number of its application, whose SIP
 * users' numbers included.
 *
 * @throws CallerIdRefused (rejects) for any other number: nobody shows numbers that are not theirs.
 */
export async function fromOf(
  info: CallInfo,
  asked: string | null,
  { store, defaultCountry }: { store: Pick<Store, 'numbers' | 'sipUsers'>; defaultCountry: string },
): Promise<string> {
  const { appId, apiNo, callerNo } = info;
  if (asked === null) return uriOf(isShowable(callerNo) ? callerNo : apiNo, info);
  if (asked === callerNo && isShowable(callerNo)) return uriOf(callerNo, info);
  const no = toE164(asked, defaultCountry);
  if (no !== null) {
    if (no === apiNo || no === callerNo) return uriOf(no, info);
    const [number, user] = await Promise.all([store.numbers.get(no), store.sipUsers.byNumber(no)]);
    if (number?.appId === appId || user?.appId === appId) return uriOf(no, info);
  }
  throw new CallerIdRefused(`caller_id_no ${asked} is neither a number of this application nor the caller's own`);
}

function isShowable(no: string): boolean {
  return no.startsWith('+') || no.startsWith('sip:');
}

function uriOf(no: string, { sipDomain }: CallInfo): string {
  return no.startsWith('sip:') ? no : `sip:${no}@${sipDomain}`;
}
