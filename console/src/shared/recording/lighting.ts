/** Which word of a transcript is being spoken at an instant of its recording, and how sure the recogniser was. */
import type { WordView } from '@/shared/api/types'

type Timed = Pick<WordView, 'start_ms' | 'end_ms'>

/** A word stays lit over a breath this long, so that the light does not flicker between words. */
export const BREATH_MS = 250

/** Below these confidences a word is shaded, and shaded strongly. */
const UNSURE = 0.8
const DOUBTFUL = 0.55

/** Index of the word spoken at `ms`, or -1 in silence. `words` are in the order of their start. */
export function litWord(words: readonly Timed[], ms: number): number {
  let low = 0
  let high = words.length - 1
  let candidate = -1
  while (low <= high) {
    const middle = (low + high) >> 1
    const word = words[middle]
    if (word && word.start_ms <= ms) {
      candidate = middle
      low = middle + 1
    } else {
      high = middle - 1
    }
  }
  const word = words[candidate]
  return word && ms < word.end_ms + BREATH_MS ? candidate : -1
}

export type Sureness = 'sure' | 'unsure' | 'doubtful'

export function sureness(confidence: number): Sureness {
  if (confidence < DOUBTFUL) return 'doubtful'
  return confidence < UNSURE ? 'unsure' : 'sure'
}
