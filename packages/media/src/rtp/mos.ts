import type { CodecName } from '../codec/audio-codec.ts';

/**
 * Equipment impairment and robustness to loss (ITU-T G.113 appendix I), on the scale of narrow-band telephony.
 *
 * G.711 with concealment (its appendix I) is published there. G.722 and Opus have no values on this scale; they are taken
 * to sound no better than undistorted narrow-band speech, G.722 to bear loss half as well as G.711 (its predictors run
 * astray), Opus about as well. So figures of different codecs are only roughly comparable.
 */
const CODECS: Readonly<Record<CodecName, { impairment: number; robustness: number }>> = {
  PCMU: { impairment: 0, robustness: 25.1 },
  PCMA: { impairment: 0, robustness: 25.1 },
  G722: { impairment: 0, robustness: 12.5 },
  opus: { impairment: 0, robustness: 25 },
};

/** R of a connection at which nothing is wrong: G.107 with all its default values. */
const BEST_R = 93.2;

export interface ListeningConditions {
  codec: CodecName;
  /** Packets that were lost or came too late to be played, in percent of all. */
  lossPercent: number;
  /** Mean length of the gaps divided by that of random loss of the same rate: 1 random, above 1 in bursts. */
  burstRatio: number;
  /** From mouth to ear, one way. */
  delayMs: number;
}

/**
 * The transmission rating R of the E-model (ITU-T G.107), 0 to 93.2, of which only loss and delay are considered. The
 * delay's share is the usual approximation for a telephone with good echo control (Cole and Rosenbluth, 2001).
 */
export function transmissionRating({ codec, lossPercent, burstRatio, delayMs }: ListeningConditions): number {
  const { impairment, robustness } = CODECS[codec];
  const loss = Math.min(Math.max(lossPercent, 0), 100);
  // G.107 §7.5: no loss, no matter how bursty.
  const byLoss = loss === 0 ? 0 : ((95 - impairment) * loss) / (loss / Math.max(burstRatio, 1) + robustness);
  const byDelay = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - 177.3);
  return Math.min(Math.max(BEST_R - impairment - byLoss - byDelay, 0), BEST_R);
}

/** The mean opinion score of a rating, 1 (bad) to 4.5 (ITU-T G.107 annex B). */
export function mosOfRating(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** The opinion that listeners would have of this conversation, on the average: an estimate, 1 (bad) to 4.4. */
export function estimateMos(conditions: ListeningConditions): number {
  return mosOfRating(transmissionRating(conditions));
}
