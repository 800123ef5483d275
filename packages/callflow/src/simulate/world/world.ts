import type { CalleeLeg, Effect, Input } from '../../io.ts';
import type { SimulatedAgent, SimulatedTransfer, SimulationScript } from '../script.ts';
import { type AskedAgents, connectAgent, hangUpAgent } from './asked-agents.ts';
import { joinConference, leaveConference } from './conferences.ts';
import { startDetection } from './detections.ts';
import { answerHttp } from './http.ts';
import { connectQueue, enterQueue, leaveQueue } from './queues.ts';
import { startRecording, stopRecording } from './recordings.ts';
import { startStream, stopStream } from './streams.ts';
import { connectCallee, endTransfer, hangUpCallee, type Screened, scriptOf, startTransfer } from './transfers.ts';

/** Where what happens is noted. An `id` takes back everything noted under it. */
export interface Schedule {
  /** Notes when something began, or will. */
  begin(id: string, inMs: number): void;
  /** How long it goes on already, at least 0; null when it never began. */
  since(id: string): number | null;
  later(delayMs: number, id: string | null, make: (atMs: number) => Input): void;
  cancel(id: string): boolean;
  /** Transfers whose callees are asked, by id. */
  readonly screened: Map<string, Screened>;
  /** Agents of calls in queues who are asked, by the queue's id. */
  readonly agents: Map<string, AskedAgents>;
}

/** Carries out effects by noting what will happen. False: the effect is none of its business. */
export type World = (effect: Effect, schedule: Schedule) => boolean;

const MESSAGE_MS = 200;

/** What the script says of the world beyond the caller. */
export type WorldScript = Pick<
  SimulationScript,
  'transfers' | 'conferences' | 'queues' | 'agents' | 'recordings' | 'streams' | 'party' | 'http' | 'messageError'
>;

/** What the script has for somebody who has answered a transfer, or is an agent of a queue. */
export function calleeScript(
  { transferId, no }: CalleeLeg,
  { transfers = [], agents = [] }: WorldScript,
  schedule: Schedule,
): SimulatedTransfer | SimulatedAgent {
  return schedule.agents.has(transferId) ? scriptOf(no, agents) : scriptOf(no, transfers);
}

/**
 * Everybody but the caller, in virtual time: the far sides of transfers, the others in a room. Carries out effects by
 * noting what will happen. False: the effect is none of its business.
 */
export function carryOutInWorld(effect: Effect, script: WorldScript, schedule: Schedule): boolean {
  switch (effect.type) {
    case 'transfer':
      startTransfer(effect, script.transfers ?? [], schedule);
      return true;
    case 'end_transfer':
      endTransfer(effect.transferId, schedule);
      return true;
    case 'connect_callee':
      if (!connectAgent(effect.leg, schedule)) connectCallee(effect.leg, schedule);
      return true;
    case 'hang_up_callee':
      if (!hangUpAgent(effect.leg, schedule)) hangUpCallee(effect.leg, schedule);
      return true;
    case 'join_conference':
      joinConference(effect, script.conferences ?? [], schedule);
      return true;
    case 'leave_conference':
      leaveConference(effect.joinId, schedule);
      return true;
    case 'start_recording':
      startRecording(effect, script.recordings ?? [], schedule);
      return true;
    case 'stop_recording':
      stopRecording(effect.recordingId, schedule);
      return true;
    case 'start_stream':
      startStream(effect, script.streams ?? [], schedule);
      return true;
    case 'stop_stream':
      stopStream(effect.streamId, schedule);
      return true;
    case 'enter_queue':
      enterQueue(effect, script.queues ?? [], script.agents ?? [], schedule);
      return true;
    case 'connect_queue':
      connectQueue(effect, script.queues ?? [], schedule);
      return true;
    case 'leave_queue':
      leaveQueue(effect.queueId, schedule);
      return true;
    case 'start_detection':
      startDetection(effect, script.party ?? { is: 'live_person' }, schedule);
      return true;
    case 'stop_detection':
      schedule.cancel(effect.detectionId);
      return true;
    case 'http_request':
      answerHttp(effect, script.http ?? (() => ({})), schedule);
      return true;
    case 'send_message': {
      const { messageId } = effect;
      const error = script.messageError ?? null;
      schedule.later(MESSAGE_MS, messageId, (atMs) => ({ type: 'message_sent', messageId, error, atMs }));
      return true;
    }
    case 'start_transcription':
    case 'stop_transcription':
    case 'pause_recording':
    case 'resume_recording':
    case 'update_conference':
    case 'kick_participant':
      return true;
    default:
      return false;
  }
}
