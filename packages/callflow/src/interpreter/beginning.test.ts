import { expect, test } from 'vitest';
import { defaultFlowSettings } from '../flow-settings.ts';
import { newCall } from './beginning.ts';

test('a setting that the log of an old call does not have is the default', () => {
  const callback = { url: 'https://example.com/', method: 'GET', contentType: 'application/json' } as const;
  const { maxSayCharacters, ...older } = { ...defaultFlowSettings(callback), maxIdleCallbacks: 7 };
  const start = { type: 'start', atMs: 0, settings: older, sessionData: null, seed: 1 } as unknown;
  const { settings } = newCall(start as Parameters<typeof newCall>[0]);
  expect(settings).toEqual({ ...older, maxSayCharacters });
});
