import type { IncomingCall, SipEndpoint } from '@voxology/sip';
import { vi } from 'vitest';
import { Exchange } from './exchange.ts';

/** An exchange with a telephone that calls and a carrier that is rung. */
interface ExchangeWithCarrier {
  exchange: Exchange;
  caller: SipEndpoint;
  /** INVITEs at the carrier, in order. */
  invited: IncomingCall[];
}

/** Opens one, with the timers of the process in the hands of the test. */
export async function openWithCarrier(): Promise<ExchangeWithCarrier> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const exchange = await Exchange.open();
  const caller = await exchange.phoneAt('10.0.0.2');
  const carrier = await exchange.phoneAt('10.0.0.3');
  const invited: IncomingCall[] = [];
  carrier.on('invite', (incoming) => invited.push(incoming));
  return { exchange, caller, invited };
}
