// A callback server in 40 lines: it asks for a PIN and says the balance.
import { createServer, type Server } from 'node:http';
import type { CallbackBody, JsonObject } from '@voxology/callflow';

const BALANCES: Readonly<Record<string, number>> = { '1234': 50 };

/** The next actions of a call. */
export function nextActions(body: CallbackBody): JsonObject {
  const pin = body.key_presses.find(({ name }) => name === 'pin')?.digits;
  if (pin === undefined) return { actions: [askForPin('Please enter your PIN.')] };
  const balance = BALANCES[pin];
  if (balance === undefined) return { actions: [askForPin('That is not a PIN of ours. Please try again.')] };
  return { actions: [say(`You have ${balance} dollars.`), { type: 'HANGUP' }] };
}

function askForPin(text: string): JsonObject {
  return { type: 'COLLECT', name: 'pin', params: { num_digits: 4 }, actions: [say(text)] };
}

function say(text: string): JsonObject {
  return { type: 'SAY', params: { text } };
}

/** Serves callbacks as JSON. The caller listens and closes. */
export function pinServer(): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const actions = nextActions(JSON.parse(Buffer.concat(chunks).toString()) as CallbackBody);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(actions));
  });
}
