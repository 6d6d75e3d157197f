/** Which bit of a transcript is being spoken at an instant of its recording, and how sure the recogniser was. */

interface Timed {
  time: { startMs: number; endMs: number } | null
}

/** A word stays lit over a breath this long, so that the light does not flicker between words. */
export const BREATH_MS = 250

/** Below these confidences a word is shaded, and shaded strongly. */
const UNSURE = 0.8
const DOUBTFUL = 0.55

/** Index of the one that began last before `ms` and still sounds, or -1 in silence. Two speakers may overlap. */
export function litBit(bits: readonly Timed[], ms: number): number {
  let lit = -1
  let litSince = -1
  for (const [index, { time }] of bits.entries()) {
    if (!time || ms < time.startMs || ms >= time.endMs + BREATH_MS || time.startMs < litSince) continue
    lit = index
    litSince = time.startMs
  }
  return lit
}

export type Sureness = 'sure' | 'unsure' | 'doubtful'

export function sureness(confidence: number): Sureness {
  if (confidence < DOUBTFUL) return 'doubtful'
  return confidence < UNSURE ? 'unsure' : 'sure'
}
