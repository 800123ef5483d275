/** Who or what is at the other end, as `detection` says it in callbacks. */
export type Party = 'live_person' | 'answering_machine' | 'fax' | 'pbx' | 'operator' | 'unknown';

/** Listening to the remote party for who or what it is. How long, the interpreter decides. */
export type DetectionEffect =
  /** `party`: one `party_detected` follows; `beep`: a `beep_detected` when the tone of an answering machine has ended. */
  | { type: 'start_detection'; detectionId: string; want: ('party' | 'beep')[] }
  /** Nothing follows. */
  | { type: 'stop_detection'; detectionId: string };

export type DetectionInput =
  | { type: 'party_detected'; detectionId: string; party: Party }
  | { type: 'beep_detected'; detectionId: string }
  /** The last of a detection. */
  | { type: 'detection_failed'; detectionId: string; reason: string };
