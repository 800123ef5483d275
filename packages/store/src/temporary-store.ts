import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store, StoreLogger, StoreOptions } from './contract.ts';
import { openStore } from './open-store.ts';
import type { CallEnding, CallOpening, EndCallback } from './rows.ts';

/** A store for a test file: in a folder of its own, and with what it logged. */
export interface TemporaryStore {
  store: Store;
  dataDir: string;
  /** Messages of level `warn` and `error`. */
  complaints: string[];
  remove(): Promise<void>;
}

export async function openTemporaryStore(options: Partial<StoreOptions> = {}): Promise<TemporaryStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voxology-store-'));
  const complaints: string[] = [];
  const store = await openStore({ dataDir, logger: complainingTo(complaints), ...options });
  return {
    store,
    dataDir,
    complaints,
    remove: async () => {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function complainingTo(complaints: string[]): StoreLogger {
  const complain = (fields: object, message: string) => complaints.push(`${message} ${JSON.stringify(fields)}`);
  return { debug: () => undefined, info: () => undefined, warn: complain, error: complain };
}

export function opening(callId: string, changes: Partial<CallOpening> = {}): CallOpening {
  return {
    callId,
    id: randomUUID(),
    appId: '11111111-2222-4333-8444-555555555555',
    subaccountId: 0,
    direction: 'inbound',
    callerNo: '+12125550100',
    apiNo: '+19495550100',
    startTimeMs: 1_700_000_000_123,
    originApi: 'CallFlows',
    sipDomain: 'one.example',
    sipForwardedFor: '192.0.2.1',
    ...changes,
  };
}

export const endCallback: EndCallback = {
  target: { url: 'http://127.0.0.1/end', method: 'POST', contentType: 'application/json' },
  failover: null,
  body: { type: 'end_call', key_presses: [{ name: null, digits: '1' }] },
};

export function ending(changes: Partial<CallEnding> = {}): CallEnding {
  return {
    status: 'completed',
    hangupEnd: 'api',
    endTimeMs: 1_700_000_003_456,
    durationMs: 3333,
    connectTimeSec: 3,
    detection: 'unknown',
    error: null,
    endCallback,
    ...changes,
  };
}
