import type { QueueAgents } from '@voxology/callflow';
import type { CallInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import type { Party } from '../call/party.ts';
import { DestinationRefused } from '../outbound/destination.ts';
import { AskedCallees } from '../transfer/asked-callees.ts';
import type { TransferOutcome } from '../transfer/outcome.ts';
import { AgentCall, type AgentServices } from './agent-call.ts';
import type { Agents } from './agents.ts';

type Stage = Extract<CallInput, { type: 'queue_agent' }>['stage'];

export interface HuntOptions {
  services: AgentServices;
  agents: Agents;
  party: Party;
  queueId: string;
  how: QueueAgents;
  tell(input: CallInput): void;
  /** The first who answers, or who takes the call when agents are asked first. The hunt is over but for this call, of whose end {@link onAgentGone} tells. */
  onAnswered(call: AgentCall): void;
  onAgentGone(): void;
}

/** Rings the agents of one call that waits, until one answers or the call leaves the line. */
export class Hunt {
  readonly #options: HuntOptions;
  /** How the flow names each agent, by the agent's key, in the order of the flow's list. */
  readonly #names = new Map<string, string>();
  readonly #ringing = new Map<string, AgentCall>();
  readonly #asked: AskedCallees<AgentCall>;
  readonly #told = new Set<string>();
  #connected: AgentCall | null = null;
  #isOver = false;

  constructor(options: HuntOptions) {
    this.#options = options;
    this.#asked = new AskedCallees(options.queueId, options.tell);
  }

  get wrapUpMs(): number {
    return this.#options.how.wrapUpMs;
  }

  /** Finds out who the agents are, which names alone do not tell, and rings those it may. */
  begin(): void {
    void this.#identify().then(() => this.#ringMore());
  }

  /** Whether it would ring this agent, were he free. */
  wants(key: string): boolean {
    if (this.#isOver || !this.#names.has(key) || this.#ringing.has(key)) return false;
    return this.#options.how.order === 'simultaneous' || this.#ringing.size === 0;
  }

  ring(key: string): void {
    const { services, agents, party, queueId, how } = this.#options;
    const no = this.#names.get(key);
    if (no === undefined) return;
    agents.take(key);
    const call: AgentCall = new AgentCall({
      services,
      party,
      queueId,
      no,
      how,
      onRinging: () => this.#tell(no, 'ringing', null),
      onAnswered: () => this.#answered(call),
      onHeard: (_, input) => this.#asked.heard(call, input),
      onEnded: (_, outcome) => this.#ended(key, call, outcome),
    });
    this.#ringing.set(key, call);
    call.begin();
  }

  /** The leg of an agent who is asked; null when there is none, or it has gone. */
  askedLeg(no: string): Leg | null {
    return this.#asked.get(no)?.leg ?? null;
  }

  /** An agent who is asked takes the call. Nothing when he has gone, or another has it. */
  connectCallee(no: string): void {
    const call = this.#asked.get(no);
    if (call !== undefined) this.#connect(call);
  }

  /** An agent who is asked does not take the call. */
  hangUpCallee(no: string): void {
    this.#asked.get(no)?.hangUp('the agent does not take the call');
  }

  /** The call leaves the line, or the conversation: whoever is rung or talks is let go. `elsewhere`: others have it. */
  end(reason: string, elsewhere = false): void {
    this.#isOver = true;
    this.#asked.clear();
    this.#connected?.hangUp(reason);
    for (const call of this.#ringing.values()) call.hangUp(reason, elsewhere);
  }

  async #identify(): Promise<void> {
    const { services, party, how } = this.#options;
    for (const no of how.targets) {
      try {
        const destination = await services.destinations.of(no, party.info.sipDomain);
        this.#name(destination.no, no);
      } catch (error) {
        if (error instanceof DestinationRefused) {
          this.#tell(no, 'failed', error.message);
          continue;
        }
        // The books are away; that the agent has other names matters less than that there is nobody to ring.
        services.switchboard.onDefect(party.info.callId, error);
        this.#name(no, no);
      }
    }
  }

  #name(identity: string, no: string): void {
    const key = agentKey(this.#options.party.info, identity);
    if (!this.#names.has(key)) this.#names.set(key, no);
  }

  #ringMore(): void {
    const { agents, how } = this.#options;
    const free = [...this.#names.keys()].filter((key) => agents.isFree(key));
    if (how.order === 'round_robin') free.sort((a, b) => agents.rungAtMs(a) - agents.rungAtMs(b));
    for (const key of free) if (this.wants(key)) this.ring(key);
  }

  #answered(call: AgentCall): void {
    if (this.#isOver) {
      call.hangUp('the caller is not waiting any more');
    } else if (this.#options.how.screened === true) {
      this.#asked.add(call);
    } else this.#connect(call);
  }

  /** The first who has the call; the others are let go. */
  #connect(call: AgentCall): void {
    this.#isOver = true;
    this.#connected = call;
    this.#asked.clear();
    for (const ringing of this.#ringing.values())
      if (ringing !== call) ringing.hangUp('another agent has answered', true);
    this.#options.onAnswered(call);
  }

  #ended(key: string, call: AgentCall, outcome: TransferOutcome): void {
    const { agents, how, onAgentGone } = this.#options;
    this.#ringing.delete(key);
    const wasAsked = this.#asked.ended(call);
    const { error } = outcome;
    // Whoever answers and does not take the call has not answered.
    const status = wasAsked ? 'no-answer' : outcome.status;
    const hasTalked = call === this.#connected;
    if (hasTalked) onAgentGone();
    else if (status !== 'canceled' && status !== 'completed') this.#tell(call.no, status, error);
    agents.release(key, hasTalked ? how.wrapUpMs : status === 'canceled' ? 0 : how.retryMs);
    if (!this.#isOver) this.#ringMore();
  }

  /** Once, since a call may wait for hours. */
  #tell(no: string, stage: Stage, error: string | null): void {
    const about = `${stage} ${no}`;
    if (this.#isOver || this.#told.has(about)) return;
    this.#told.add(about);
    const { queueId, tell } = this.#options;
    tell({ type: 'queue_agent', queueId, no, stage, error });
  }
}

/** Agents are those of an application, however they are named: `no` is whom the name leads to. */
export function agentKey({ subaccountId, appId }: { subaccountId: string; appId: string }, no: string): string {
  return JSON.stringify([subaccountId, appId, no]);
}
