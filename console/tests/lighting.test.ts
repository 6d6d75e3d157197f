import { describe, expect, it } from 'vitest'
import { BREATH_MS, litBit, sureness } from '@/shared/recording/lighting'

const at = (startMs: number, endMs: number) => ({ time: { startMs, endMs } })
const words = [at(800, 1_200), at(1_200, 1_500), at(3_000, 3_400)]

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
    expect(litBit(words, ms)).toBe(index)
  })

  it('holds over a breath and goes out in a silence', () => {
    expect(litBit(words, 1_500 + BREATH_MS - 1)).toBe(1)
    expect(litBit(words, 1_500 + BREATH_MS)).toBe(-1)
  })

  it('lights nothing where there are no words', () => {
    expect(litBit([], 100)).toBe(-1)
  })

  it('lights exactly the clicked word when the player jumps to its start', () => {
    for (const [index, word] of words.entries()) expect(litBit(words, word.time.startMs)).toBe(index)
  })

  it('passes over what has no time, and lights the later of two speakers', () => {
    expect(litBit([at(0, 500), { time: null }, at(400, 900)], 450)).toBe(2)
  })

  it('does not depend on the order of the text', () => {
    expect(litBit([at(400, 900), at(0, 500)], 450)).toBe(0)
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
