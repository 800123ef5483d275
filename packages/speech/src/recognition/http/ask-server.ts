import { SpeechError } from '../../speech-error.ts';
import { plainText } from '../plain-text.ts';
import type { Recognized } from '../recognizer.ts';

/** What sends the requests: the guarded client of the house, `Egress` of `@voxology/egress`, or another that does as much. */
export type HttpClient = {
  request(request: {
    method: 'POST';
    url: string;
    headers: Record<string, string>;
    body: Uint8Array;
    query?: URLSearchParams;
    timeoutMs: number;
    retries: number;
    maxRedirects: number;
    maxResponseBytes: number;
    signal: AbortSignal;
  }): Promise<{ status: number; body: Uint8Array }>;
};

/** A recogniser that is a server of the operator's choice. */
export type RecognitionServer = {
  client: HttpClient;
  url: string;
  /** Sent with each utterance; its value is a secret. */
  header: { name: string; value: string } | null;
  /** Time for one answer. */
  timeoutMs: number;
};

const MOST_ANSWER_BYTES = 262_144;
const MOST_CHARACTERS = 10_000;
/** Asking again is harmless, and a connection that was closed meanwhile is common. */
const RETRIES = 1;

/**
 * Sends one request with an utterance in it and reads the answer, `{"text": "…", "confidence": 0.9}`, the latter if there is
 * one.
 *
 * @throws SpeechError `failed`; it names neither what was said nor the address, which may hold a key
 */
export async function askServer(
  { client, url, header, timeoutMs }: RecognitionServer,
  request: { contentType: string; body: Uint8Array; query?: URLSearchParams },
  signal: AbortSignal,
): Promise<Recognized> {
  let answer: { status: number; body: Uint8Array };
  try {
    answer = await client.request({
      method: 'POST',
      url,
      headers: { 'Content-Type': request.contentType, ...(header === null ? {} : { [header.name]: header.value }) },
      body: request.body,
      ...(request.query === undefined ? {} : { query: request.query }),
      timeoutMs,
      retries: RETRIES,
      // The header is for this server alone.
      maxRedirects: 0,
      maxResponseBytes: MOST_ANSWER_BYTES,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    throw new SpeechError('failed', `the speech recognition server gave no answer (${code})`, { cause: error });
  }
  if (answer.status < 200 || answer.status > 299) {
    throw new SpeechError('failed', `the speech recognition server answered ${answer.status}`);
  }
  return readAnswer(answer.body);
}

function readAnswer(body: Uint8Array): Recognized {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new SpeechError('failed', 'the speech recognition server’s answer is not JSON; expected {"text": "…"}');
  }
  const { text, confidence } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  if (typeof text !== 'string') {
    throw new SpeechError('failed', 'the speech recognition server’s answer has no "text"; expected {"text": "…"}');
  }
  const isConfidence = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
  return { text: plainText(text.slice(0, MOST_CHARACTERS)), confidence: isConfidence ? confidence : null };
}
