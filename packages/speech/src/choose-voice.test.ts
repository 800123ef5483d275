import { expect, test } from 'vitest';
import { chooseVoice } from './choose-voice.ts';
import type { TextToSpeechProvider, Voice } from './provider.ts';

const voice = (name: string, language: string, ...otherLanguages: string[]): Voice => ({
  name,
  language,
  otherLanguages,
  description: name,
});

const provider = (name: string, voices: Voice[], installation: string | null = null): TextToSpeechProvider => ({
  name,
  installation,
  version: async () => '1',
  voices: async () => voices,
  synthesize: () => Promise.reject(new Error('not spoken here')),
  close: async () => undefined,
});

const english = provider('flite', [voice('slt', 'en-US', 'en'), voice('awb', 'en-scotland', 'en')]);
const world = provider('world', [
  voice('en-gb', 'en-gb', 'en'),
  voice('pt', 'pt', 'pt-pt'),
  voice('pt-br', 'pt-br', 'pt'),
  voice('cmn', 'cmn', 'zh'),
]);
const absent = provider('world', [], 'install the world');

const choose = async (name: string | null, language: string | null, providers = [english, world]) =>
  (await chooseVoice(providers, name, language)).voice.name;

test.each([
  [null, null, 'slt'],
  [null, 'en', 'slt'],
  [null, 'en-GB', 'slt'],
  [null, 'EN_us', 'slt'],
  [null, 'en-Scotland', 'awb'],
  [null, 'pt', 'pt'],
  [null, 'pt-BR', 'pt-br'],
  [null, 'pt-AO', 'pt'],
  [null, 'zh-CN', 'cmn'],
  ['awb', null, 'awb'],
  ['SLT', 'pt', 'slt'],
  ['pt-br', null, 'pt-br'],
])('voice %s, language %s: %s', async (name, language, chosen) => {
  expect(await choose(name, language)).toBe(chosen);
});

test('what is not there is refused with what is', async () => {
  await expect(choose('siri', null, [english, absent])).rejects.toMatchObject({
    reason: 'unknown_voice',
    message: 'there is no voice "siri"; the voices are: slt, awb; for more, install the world',
  });
  await expect(choose(null, 'de', [english, absent])).rejects.toMatchObject({
    reason: 'unsupported_language',
    message: 'no voice speaks "de"; the languages are: en-US, en-scotland; for more, install the world',
  });
});
