import { describe, expect, it } from 'vitest'
import { BREATH_MS, litWord, sureness } from '@/shared/recording/lighting'

const words = [
  { start_ms: 800, end_ms: 1_200 },
  { start_ms: 1_200, end_ms: 1_500 },
  { start_ms: 3_000, end_ms: 3_400 },
]

describe('the word being played is lit', () => {
  it.each([
    [0, -1],
    [799, -1],
    [800, 0],
    [1_199, 0],
    [1_200, 1],
    [1_499, 1],
    [3_000, 2],
    [3_399, 2],
  ])('at %i ms: word %i', (ms, index) => {
    expect(litWord(words, ms)).toBe(index)
  })

  it('holds over a breath and goes out in a silence', () => {
    expect(litWord(words, 1_500 + BREATH_MS - 1)).toBe(1)
    expect(litWord(words, 1_500 + BREATH_MS)).toBe(-1)
  })

  it('lights nothing where there are no words', () => {
    expect(litWord([], 100)).toBe(-1)
  })

  it('lights exactly the clicked word when the player jumps to its start', () => {
    for (const [index, word] of words.entries()) expect(litWord(words, word.start_ms)).toBe(index)
  })
})

describe('low confidence is shaded', () => {
  it.each([
    [0.2, 'doubtful'],
    [0.55, 'unsure'],
    [0.79, 'unsure'],
    [0.8, 'sure'],
    [1, 'sure'],
  ])('%f is %s', (confidence, expected) => {
    expect(sureness(confidence)).toBe(expected)
  })
})
