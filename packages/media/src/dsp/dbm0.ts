/**
 * Telephone levels as sample amplitudes. ITU-T G.711 §4 sets the largest sine that µ-law carries at +3.17 dBm0; the same
 * reference is used for linear samples here, so a tone keeps its level through either law within 0.04 dB.
 */
const MULAW_PEAK = 32_124;
const MULAW_PEAK_DBM0 = 3.17;

/** The peak amplitude, in 16-bit sample units, of a sine of `levelDbm0`. */
export function sineAmplitude(levelDbm0: number): number {
  return MULAW_PEAK * 10 ** ((levelDbm0 - MULAW_PEAK_DBM0) / 20);
}
