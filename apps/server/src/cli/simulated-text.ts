import { type JsonObject, type MessageScript, type SimulatedMessage, simulateMessage } from '@voxology/callflow';
import type { Command } from 'commander';
import { type FlowSource, MAX_CALLBACKS_OF_A_SERVER } from './flow-source.ts';
import { type WorldOptions, worldOf } from './simulated-world.ts';

/** The switches of `simulate` that a text message has, too. */
export interface TextOptions extends WorldOptions {
  sms?: string;
  caller?: string;
  number?: string;
  at?: string;
  sessionData?: JsonObject;
  customData?: JsonObject;
  maxCallbacks?: number;
}

/** The switches of `simulate` that mean something for a text message, by the names of their values. */
const OF_MESSAGES: ReadonlySet<string> = new Set([
  'sms',
  'caller',
  'number',
  'at',
  'sessionData',
  'customData',
  'method',
  'timeout',
  'maxCallbacks',
  'http',
  'messageError',
  'json',
]);

/**
 * A switch that would be without effect is no small thing: whoever wrote it expects another result.
 *
 * @throws Error naming the switches given that are of calls only
 */
export function refuseSwitchesOfCalls(command: Command): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  const ofCalls = given.filter((option) => !OF_MESSAGES.has(option.attributeName()));
  if (ofCalls.length === 0) return;
  const names = ofCalls.map(({ long, flags }) => long ?? flags);
  throw new Error(`--sms is a text message in place of a call: it goes without ${names.join(', ')}.`);
}

/** Has a text message come in for a flow. */
export async function simulateText(
  { callback, answer }: FlowSource,
  text: string,
  options: TextOptions,
): Promise<SimulatedMessage> {
  const { http, messageError } = worldOf(options);
  const script: MessageScript = {
    text,
    settings: { callback },
    maxCallbacks: options.maxCallbacks ?? MAX_CALLBACKS_OF_A_SERVER,
    ...(http && { http }),
    ...(messageError !== undefined && { messageError }),
    ...(options.caller !== undefined && { callerNo: options.caller }),
    ...(options.number !== undefined && { apiNo: options.number }),
    ...(options.at !== undefined && { at: options.at }),
    ...(options.sessionData !== undefined && { sessionData: options.sessionData }),
    ...(options.customData !== undefined && { customData: options.customData }),
  };
  return await simulateMessage(answer, script);
}

export function textAsJson(message: SimulatedMessage): object {
  return {
    outcome: message.outcome,
    sent: message.sent,
    session_data: message.sessionData,
    variables: message.variables,
    callbacks: message.callbacks,
    transcript: message.transcript,
  };
}
