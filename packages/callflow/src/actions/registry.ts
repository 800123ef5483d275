import type { Json, JsonObject } from '../io.ts';
import type { AnyAction, Behaviour } from './action.ts';
import { answer } from './answer/answer.ts';
import { ASSIGNMENT, assignment, isAssignment } from './assignment/assignment.ts';
import { collect } from './collect/collect.ts';
import { conference } from './conference/conference.ts';
import { detect } from './detect/detect.ts';
import { dial } from './dial/dial.ts';
import { foreach } from './foreach/foreach.ts';
import { goto } from './goto/goto.ts';
import { hangup } from './hangup/hangup.ts';
import { http } from './http/http.ts';
import { ifAction } from './if/if.ts';
import { label } from './label/label.ts';
import { play } from './play/play.ts';
import { queue } from './queue/queue.ts';
import { record } from './record/record.ts';
import { redirect } from './redirect/redirect.ts';
import { reject } from './reject/reject.ts';
import { returnAction } from './return/return.ts';
import { run } from './run/run.ts';
import { say } from './say/say.ts';
import { sendDigitsAction } from './send-digits/send-digits.ts';
import { sessiondata } from './sessiondata/sessiondata.ts';
import { sms } from './sms/sms.ts';
import { stream } from './stream/stream.ts';
import { switchAction } from './switch/switch.ts';
import { transcribe } from './transcribe/transcribe.ts';
import { transfer } from './transfer/transfer.ts';
import { voicemail } from './voicemail/voicemail.ts';
import { wait } from './wait/wait.ts';

/** Every action of the language; the assignment entry, which has no `type`, is the last. */
export const ACTIONS: readonly AnyAction[] = [
  say,
  play,
  collect,
  hangup,
  goto,
  label,
  ifAction,
  sessiondata,
  redirect,
  wait,
  answer,
  reject,
  dial,
  transfer,
  conference,
  queue,
  record,
  detect,
  voicemail,
  stream,
  transcribe,
  sms,
  http,
  sendDigitsAction,
  foreach,
  switchAction,
  run,
  returnAction,
  assignment,
];

const BY_OP: ReadonlyMap<string, AnyAction> = new Map(ACTIONS.map((action) => [action.type, action]));

/** The `type`s a document may use. */
export const ACTION_TYPES: readonly string[] = ACTIONS.map((action) => action.type).filter(
  (type) => type !== ASSIGNMENT,
);

/** The behaviour behind an instruction's op; undefined for the ops that only steer. */
export function behaviourOf(op: string): Behaviour<Json, Json> | undefined {
  return BY_OP.get(op)?.behaviour;
}

/** Whether the instructions of an action run for a text message. */
export function isForMessages(op: string): boolean {
  return BY_OP.get(op)?.forMessages === true;
}

/** Also for the leg of a callee that is not connected yet. */
export function isForCallees(op: string): boolean {
  return BY_OP.get(op)?.forCallees === true;
}

/** The action an entry of a list stands for, by its `type` in any letter case; undefined when there is none such. */
export function actionOf(entry: JsonObject): AnyAction | undefined {
  if (isAssignment(entry)) return assignment;
  const type = Object.hasOwn(entry, 'type') ? entry.type : undefined;
  if (typeof type !== 'string' || type === ASSIGNMENT) return undefined;
  return BY_OP.get(type) ?? BY_OP.get(type.trim().toUpperCase());
}
