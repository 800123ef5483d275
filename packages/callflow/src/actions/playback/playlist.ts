import { instructionAt } from '../../interpreter/frames.ts';
import { forgetListener, listen, stopListening } from '../../interpreter/listening.ts';
import {
  isCallee,
  isSilenced,
  report,
  reportError,
  type Step,
  startPlayback,
  stopPlayback,
} from '../../interpreter/step.ts';
import { keepForLater } from '../../interpreter/typed-ahead.ts';
import type { PlaySource } from '../../io.ts';
import { choices } from '../../parameters/choices.ts';
import { integer } from '../../parameters/integer.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import { CALLER_INPUTS, type CallerInput, END_SILENCE_MS } from '../caller-input.ts';

/** So that a loop around a file that cannot be had ends long before its server is asked thousands of times. */
const STEPS_OF_A_FAILED_PLAYBACK = 200;

/** A list of sources being played, one after the other, over and over. */
export type Playlist = {
  sources: PlaySource[];
  index: number;
  /** Passes still to play, the current one included; 0 without end. */
  passesLeft: number;
  failedInPass: number;
  /** Null while an event speaks: the current source is played when it has. */
  playbackId: string | null;
  /** A key ends it. */
  endsAtKey: boolean;
  /** Speech ends it, as long as that is listened for. */
  listenId: string | null;
};

/** `loop` of SAY and PLAY. */
export const loopParameter = integer({
  description:
    'How many times to play it; 0 plays it until the call leaves the action by hanging up or, in a COLLECT, by a key.',
  default: 1,
  minimum: 0,
  maximum: 10_000,
});

/** `barge_in` of SAY and PLAY. */
export const bargeInParameter = choices({
  description:
    'What ends it: a key (`digits`; a COLLECT with `type_ahead` after it takes that key), the caller’s voice (`speech`; a ' +
    'COLLECT with speech after it hears the whole of it), or both. `true` is `digits`, `false` nothing. In the prompt of a ' +
    'COLLECT that decides itself.',
  options: CALLER_INPUTS,
  default: [],
  whenTrue: ['digits'],
});

/** Actions that decide themselves what a key does to their prompt. */
const PROMPTING = ['COLLECT', 'RECORD'];

export function startPlaylist(
  step: Step,
  instruction: Instruction,
  sources: PlaySource[],
  { loop, barge_in }: { loop: number; barge_in: CallerInput[] },
): Outcome<Playlist> {
  const first = sources[0];
  if (first === undefined) {
    report(step, 'warning', instruction, 'there is nothing to play');
    return CONTINUE;
  }
  const cutBy = isPrompt(step) ? [] : barge_in;
  const start = { hints: [], language: null, endSilenceMs: END_SILENCE_MS };
  return playCurrent(step, {
    sources,
    index: 0,
    passesLeft: loop,
    failedInPass: 0,
    playbackId: null,
    endsAtKey: cutBy.includes('digits'),
    listenId: cutBy.includes('speech') && !isCallee(step) ? listen(step, start) : null,
  });
}

/** What a playlist makes of an input; when it is over, nobody is listened to for it any more. */
export function onPlaylistInput(
  step: Step,
  instruction: Instruction,
  playlist: Playlist,
  input: ActionInput,
): Outcome<Playlist> | null {
  const outcome = goOn(step, instruction, playlist, input);
  if (outcome?.kind === 'continue') stopHearing(step, playlist);
  return outcome;
}

/** Goes on to the next source. One that failed is reported and passed over; a pass of nothing but failures is the last. */
function goOn(step: Step, instruction: Instruction, playlist: Playlist, input: ActionInput): Outcome<Playlist> | null {
  if (input.type === 'digit' && playlist.endsAtKey) {
    report(step, 'progress', instruction, `cut short by the key ${input.digit}`, { digit: input.digit });
    keepForLater(step, input.digit);
    stopPlaylist(step, playlist);
    return CONTINUE;
  }
  if ('listenId' in input) return onSpeech(step, instruction, playlist, input);
  if (input.type === 'voice_free' && playlist.playbackId === null) return playCurrent(step, playlist);
  if (input.type !== 'playback_ended' && input.type !== 'playback_failed') return null;
  if (input.playbackId !== playlist.playbackId) return null;
  const isReplaced = input.type === 'playback_ended' && input.outcome === 'stopped' && isSilenced(step);
  if (isReplaced) return { kind: 'wait', wait: { ...playlist, playbackId: null } };
  const failed = input.type === 'playback_failed';
  if (failed) {
    step.call.stepsWithoutWait += STEPS_OF_A_FAILED_PLAYBACK;
    const source = playlist.sources[playlist.index];
    const what = source?.kind === 'url' ? source.url : 'the text';
    reportError(step, instruction, `could not play ${what}: ${input.reason}`, { reason: input.reason });
  }
  const sources = withoutOffset(playlist.sources);
  return nextSource(step, { ...playlist, sources, failedInPass: playlist.failedInPass + (failed ? 1 : 0) });
}

/** What the log says when the caller's voice ends one. */
export const CUT_BY_SPEECH = 'cut short by speech';

/** The caller's voice; while an event speaks there is nothing that it could cut short. */
function onSpeech(
  step: Step,
  instruction: Instruction,
  playlist: Playlist,
  input: Extract<ActionInput, { listenId: string }>,
): Outcome<Playlist> | null {
  if (input.listenId !== playlist.listenId) return null;
  if (input.type === 'listening_failed') {
    forgetListener(step, input.listenId);
    const { reason } = input;
    reportError(step, instruction, `speech cannot cut it short: ${reason}`, { reason });
    return { kind: 'wait', wait: { ...playlist, listenId: null } };
  }
  if (input.type === 'heard_again' || playlist.playbackId === null) return null;
  report(step, 'progress', instruction, CUT_BY_SPEECH);
  stopPlaylist(step, playlist);
  return CONTINUE;
}

function isPrompt({ call, strand }: Step): boolean {
  if (strand === null) return false;
  return strand.frames
    .slice(0, -1)
    .some((_frame, index) => PROMPTING.includes(instructionAt(call, strand, index)?.op ?? ''));
}

/** An offset counts once: in the next passes the first file is played from its beginning. */
function withoutOffset(sources: PlaySource[]): PlaySource[] {
  const [first, ...others] = sources;
  const hasOffset = first?.kind === 'url' && first.offsetMs !== undefined;
  return hasOffset ? [{ kind: 'url', url: first.url }, ...others] : sources;
}

function nextSource(step: Step, playlist: Playlist): Outcome<Playlist> {
  if (playlist.index + 1 < playlist.sources.length)
    return playCurrent(step, { ...playlist, index: playlist.index + 1 });
  const allFailed = playlist.failedInPass === playlist.sources.length;
  if (playlist.passesLeft === 1 || allFailed) return CONTINUE;
  const passesLeft = playlist.passesLeft === 0 ? 0 : playlist.passesLeft - 1;
  return playCurrent(step, { ...playlist, index: 0, passesLeft, failedInPass: 0 });
}

/** Plays the current source, when no event speaks. */
function playCurrent(step: Step, playlist: Playlist): Outcome<Playlist> {
  const source = playlist.sources[playlist.index];
  if (source === undefined) return CONTINUE;
  const playbackId = isSilenced(step) ? null : startPlayback(step, source);
  return { kind: 'wait', wait: { ...playlist, playbackId } };
}

function stopPlaylist(step: Step, { playbackId }: Playlist): void {
  if (playbackId !== null) stopPlayback(step, playbackId);
}

function stopHearing(step: Step, { listenId }: Playlist): void {
  if (listenId !== null) stopListening(step, listenId);
}

/** Behaviour shared by the actions that do nothing but play. */
export const playlistBehaviour = {
  needsMedia: true,
  onInput: onPlaylistInput,
  abandon: (step: Step, _instruction: Instruction, playlist: Playlist): void => {
    stopPlaylist(step, playlist);
    stopHearing(step, playlist);
  },
};
