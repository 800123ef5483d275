import { randomUUID } from 'node:crypto';
import type { CallInfo } from '@voxology/callflow';
import type { DialogState } from '@voxology/sip';
import type { CallOpening } from '@voxology/store';
import type { StoredDialogs } from './stored-dialogs.ts';

/** The row that a call starts with. `dialog` as soon as there is one: what a BYE after a crash needs. */
export function callOpening(info: CallInfo, dialog: DialogState | null): CallOpening {
  return {
    callId: info.callId,
    id: randomUUID(),
    appId: info.appId,
    subaccountId: Number(info.subaccountId),
    direction: info.direction,
    callerNo: info.callerNo,
    apiNo: info.apiNo,
    startTimeMs: info.startTimeMs,
    originApi: 'CallFlows',
    sipDomain: info.sipDomain,
    sipForwardedFor: info.sipForwardedFor,
    dialog: dialog === null ? null : ({ own: dialog, others: {} } satisfies StoredDialogs),
  };
}
