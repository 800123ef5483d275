import type { CallInfo } from '@voxology/callflow';
import type { CallLog } from './call-log.ts';
import type { PostInput } from './input.ts';
import type { Leg } from './leg.ts';

/** A call as those see it that connect it with others: transfers, conferences. */
export interface Party {
  readonly info: CallInfo;
  readonly log: CallLog;
  /** Throws before the call was started on one. */
  readonly leg: Leg;
  /** The call was answered. */
  readonly isAnswered: boolean;
  /** The call has ended: nothing more is posted or logged. */
  readonly over: boolean;
  readonly post: PostInput;
}
