import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type SimulatedServerCall, transcriptText } from '@voxology/callflow';
import { paint } from './transcript-colours.ts';

const STEP_MS = 100;
/** Of music that goes on while an answer is taken, a person hears that much before it is asked. */
const PATIENCE_MS = 30_000;
/** Nobody stays on hold for longer. */
const LONGEST_CALL_MS = 4 * 3_600_000;

const HELP = 'Type keys (0-9, *, #, A-D), or say and words, and Enter; an empty line lets time pass, h hangs up.';

/**
 * Lets a person be the caller: prints what happens, and whenever the flow takes keys or words and has said what it has to
 * say, reads a line. At the end of the input the caller does nothing more.
 */
export async function letPersonCall(
  call: SimulatedServerCall,
  input: Readable,
  print: (text: string) => void,
): Promise<void> {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  let shown = 0;
  const show = (): void => {
    const news = call.transcript.slice(shown);
    if (news.length > 0) print(transcriptText(news, paint));
    shown = call.transcript.length;
  };
  print(HELP);
  while (call.outcome === null && call.elapsedMs < LONGEST_CALL_MS) {
    await untilSomethingIsTaken(call, show);
    show();
    if (call.isEndless && !takesSomething(call)) break;
    if (call.outcome !== null || !takesSomething(call)) continue;
    print(question(call));
    const { value: line, done } = await lines.next();
    if (done === true) break;
    const typed = line.trim();
    if (typed === '') await letPass(call);
    else if (typed.toLowerCase() === 'h') await call.hangsUp();
    else if (/^say\s/i.test(typed)) await call.speaks(typed.slice(3).trim());
    else if (/^[0-9*#A-D]+$/i.test(typed)) await call.types(typed.toUpperCase());
    else print(HELP);
  }
  // A terminal that is still read would keep the program alive.
  reader.close();
  await call.ends();
  show();
}

function takesSomething({ isListening, isHearing }: SimulatedServerCall): boolean {
  return isListening || isHearing;
}

function question({ isListening, isHearing }: SimulatedServerCall): string {
  if (!isHearing) return 'keys?';
  return isListening ? 'keys or words?' : 'words?';
}

async function untilSomethingIsTaken(call: SimulatedServerCall, show: () => void): Promise<void> {
  for (let playedMs = 0; call.outcome === null && call.elapsedMs < LONGEST_CALL_MS; ) {
    if (takesSomething(call)) {
      if (!call.isPlaying || playedMs >= PATIENCE_MS) return;
      playedMs += STEP_MS;
    } else if (call.isEndless) return;
    await call.waits(STEP_MS);
    show();
  }
}

/** Until something happens in the call. */
async function letPass(call: SimulatedServerCall): Promise<void> {
  const before = call.transcript.length;
  do await call.waits(STEP_MS);
  while (call.outcome === null && call.transcript.length === before && call.elapsedMs < LONGEST_CALL_MS);
}
