import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { recordings } from './0002-recordings.ts';
import { recordingWebhooks } from './0003-recording-webhooks.ts';
import { messages } from './0004-messages.ts';
import { transcripts } from './0005-transcripts.ts';
import { transcriptLanguage } from './0006-transcript-language.ts';
import { callAudio } from './0007-call-audio.ts';

/** In order of their names. A migration that was released is never changed; a new one is added. */
export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-recordings': recordings,
  '0003-recording-webhooks': recordingWebhooks,
  '0004-messages': messages,
  '0005-transcripts': transcripts,
  '0006-transcript-language': transcriptLanguage,
  '0007-call-audio': callAudio,
};
