import { dropCallees, openCallee } from '../../interpreter/callees.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { ringTimeLeft } from '../../interpreter/ringing.ts';
import { cancelTimer, emitWhileUp, report, type Step, setTimer } from '../../interpreter/step.ts';
import type { Instruction } from '../../program/program.ts';
import type { ActionInput, CalleeDone } from '../action.ts';
import { looksLike } from '../collect/digit-pattern.ts';
import { asHinted } from '../collect/hints.ts';

/** What a callee hears, and must do, before it is connected. One of the lists is there at least. */
export type Screening = {
  whisper: EventRange | null;
  confirm: EventRange | null;
  /** Patterns of what it must press in `confirm`, where none means that no key will do; null: anything that the COLLECT there takes. */
  confirmKeys: string[] | null;
  /** What it may say instead; none: nothing that is said takes the call. */
  confirmWords: string[];
  timeoutMs: number;
};

/** A callee that has answered. `accepted`: it is about to be connected. */
export type AskedCallee = { no: string; stage: 'whisper' | 'confirm' | 'accepted'; timerId: string | null };

/** What asks: a TRANSFER, or a QUEUE with agents, whose id is in place of the transfer's. */
interface Screened {
  transferId: string;
  screening: Screening | null;
  asked: AskedCallee[];
}

/** What a TRANSFER or QUEUE under way is told of its callees: those that are asked from now on; null when it is not meant. */
export function onCalleeInput(
  step: Step,
  instruction: Instruction,
  screened: Screened,
  input: ActionInput,
): AskedCallee[] | null {
  const { transferId, screening, asked } = screened;
  if (screening === null) return null;
  if (input.type === 'timer') {
    const late = asked.find(({ timerId }) => timerId === input.timerId);
    if (late === undefined) return null;
    return decline(step, instruction, screened, { ...late, timerId: null }, 'did not take the call in time');
  }
  if (input.type !== 'callee_answered' && input.type !== 'callee_ended' && input.type !== 'callee_done') return null;
  if (input.leg.transferId !== transferId) return null;
  const { no } = input.leg;
  const callee = asked.find((one) => one.no === no);
  if (input.type === 'callee_answered') return callee === undefined ? ask(step, instruction, screened, no) : null;
  if (callee === undefined) return null;
  if (input.type === 'callee_done') return goOn(step, instruction, screened, callee, input);
  report(step, 'progress', instruction, `${no} hung up before it was connected`, { no });
  return forget(step, screened, callee);
}

/** Nobody is asked any more. */
export function dropAsked(step: Step, { transferId, asked }: Pick<Screened, 'transferId' | 'asked'>): void {
  for (const { timerId } of asked) if (timerId !== null) cancelTimer(step, timerId);
  dropCallees(step, transferId, null);
}

function ask(step: Step, instruction: Instruction, screened: Screened, no: string): AskedCallee[] {
  const { screening, asked } = screened;
  const stage = screening?.whisper == null ? 'confirm' : 'whisper';
  report(step, 'progress', instruction, `${no} answered, and is not connected yet`, { no, stage });
  const timeoutMs = Math.max(0, Math.min(screening?.timeoutMs ?? 0, ringTimeLeft(step)));
  return [...asked, hearing(step, screened, { no, stage, timerId: setTimer(step, timeoutMs) })];
}

function hearing(step: Step, { transferId, screening }: Screened, callee: AskedCallee): AskedCallee {
  const { no, stage } = callee;
  const range = stage === 'accepted' ? null : (screening?.[stage] ?? null);
  if (range !== null) openCallee(step, { transferId, no }, stage, range);
  return callee;
}

/** A list has run: the next one does, or it is clear whether the callee takes the call. */
function goOn(
  step: Step,
  instruction: Instruction,
  screened: Screened,
  callee: AskedCallee,
  done: CalleeDone,
): AskedCallee[] {
  const { transferId, screening, asked } = screened;
  const { no, stage, timerId } = callee;
  const replaced = (by: AskedCallee) => asked.map((one) => (one.no === no ? by : one));
  if (done.isDeclined) return decline(step, instruction, screened, callee, 'declined the call');
  if (stage === 'whisper' && screening !== null && screening.confirm !== null)
    return replaced(hearing(step, screened, { ...callee, stage: 'confirm' }));
  if (stage === 'confirm' && !isTaken(screening, done)) {
    return decline(step, instruction, screened, callee, `did not take the call: it ${whatCame(done)}`);
  }
  if (timerId !== null) cancelTimer(step, timerId);
  report(step, 'progress', instruction, `${no} takes the call`, { no });
  emitWhileUp(step, { type: 'connect_callee', leg: { transferId, no } });
  return replaced({ no, stage: 'accepted', timerId: null });
}

function whatCame({ keyPresses, speech }: CalleeDone): string {
  if (keyPresses === '' && speech !== '') return `said "${speech}"`;
  return `pressed ${keyPresses === '' ? 'nothing' : keyPresses}`;
}

function isTaken(screening: Screening | null, { keyPresses, speech, isCollectValid }: CalleeDone): boolean {
  const { confirmKeys: keys = null, confirmWords = [] } = screening ?? {};
  if (keyPresses === '' && speech !== '') return confirmWords.includes(asHinted(speech, confirmWords));
  return keys === null ? isCollectValid && keyPresses !== '' : looksLike(keyPresses, keys);
}

function decline(
  step: Step,
  instruction: Instruction,
  screened: Screened,
  callee: AskedCallee,
  why: string,
): AskedCallee[] {
  const { transferId } = screened;
  const { no } = callee;
  report(step, 'progress', instruction, `${no} ${why}`, { no });
  const others = forget(step, screened, callee);
  emitWhileUp(step, { type: 'hang_up_callee', leg: { transferId, no } });
  return others;
}

function forget(step: Step, { transferId, asked }: Screened, { no, timerId }: AskedCallee): AskedCallee[] {
  if (timerId !== null) cancelTimer(step, timerId);
  dropCallees(step, transferId, no);
  return asked.filter((one) => one.no !== no);
}
