import { describe, expect, it } from 'vitest'
import { FrameCutter, loudness, toFloat, toInt16 } from '@/features/phone/sound/frames'
import { PlayoutBuffer } from '@/features/phone/sound/playoutBuffer'
import { Resampler } from '@/features/phone/sound/resampler'

function tone(hertz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / rate))
}

/** In the pieces that an audio worklet gets. */
function resampled(samples: Float32Array, from: number, to: number): Float32Array {
  const resampler = new Resampler(from, to)
  const pieces: number[] = []
  for (let at = 0; at < samples.length; at += 128) pieces.push(...resampler.push(samples.subarray(at, at + 128)))
  return Float32Array.from(pieces)
}

const effective = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
const middle = (samples: Float32Array) => samples.subarray(samples.length >> 2, samples.length - (samples.length >> 2))

describe('the resampler', () => {
  it.each([[48_000, 8_000], [44_100, 8_000], [8_000, 48_000], [8_000, 44_100], [16_000, 8_000], [8_000, 8_000]])('keeps speech as loud as it was: %i to %i', (from, to) => {
    for (const hertz of [300, 1_000, 2_500]) {
      const output = resampled(tone(hertz, from, 0.5), from, to)
      expect(Math.abs(output.length - to * 0.5)).toBeLessThan(to * 0.005)
      expect(effective(middle(output))).toBeGreaterThan(0.34)
      expect(effective(middle(output))).toBeLessThan(0.37)
    }
  })

  it('keeps the tone: a delayed copy of what was said at the other rate', () => {
    const output = resampled(tone(700, 48_000, 0.25), 48_000, 8_000)
    const wanted = tone(700, 8_000, 0.25)
    const errors = [0, 1, 2, 3].map((shift) => effective(middle(output.map((sample, index) => sample - (wanted[index + shift] ?? 0)))))
    expect(Math.min(...errors)).toBeLessThan(0.01)
  })

  it('lets nothing through that the lower rate would turn into noise', () => {
    expect(effective(middle(resampled(tone(6_000, 48_000, 0.25), 48_000, 8_000)))).toBeLessThan(0.005)
  })
})

describe('frames', () => {
  it('are cut to 20 ms whatever the pieces are', () => {
    const cutter = new FrameCutter()
    const frames = [100, 100, 500, 20].flatMap((length) => cutter.push(new Float32Array(length).fill(0.5)))
    expect(frames.map((frame) => frame.length)).toEqual([160, 160, 160, 160])
    expect([...(frames[3] ?? [])].every((sample) => sample === 16_384)).toBe(true)
  })

  it('carry what is too loud as loud as can be', () => {
    expect([...toInt16(Float32Array.from([2, -2, 0]))]).toEqual([32_767, -32_767, 0])
    expect(toFloat(Int16Array.from([-32_768]))[0]).toBe(-1)
  })

  it('tell their loudness from silence to full', () => {
    expect(loudness(new Float32Array(160))).toBe(0)
    expect(loudness(new Float32Array(160).fill(1))).toBe(1)
    expect(loudness(new Float32Array(160).fill(0.0316))).toBeCloseTo(0.5, 2)
  })
})

describe('the playout buffer', () => {
  const pulled = (buffer: PlayoutBuffer, length: number) => {
    const out = new Float32Array(length)
    buffer.pull(out)
    return [...out]
  }
  const piece = (...samples: number[]) => Float32Array.from(samples)

  it('begins with a little in hand', () => {
    const buffer = new PlayoutBuffer(4, 100)
    buffer.push(piece(1, 2, 3))
    expect(pulled(buffer, 2)).toEqual([0, 0])
    buffer.push(piece(4))
    expect(pulled(buffer, 3)).toEqual([1, 2, 3])
  })

  it('is silent when it runs dry, and gathers again', () => {
    const buffer = new PlayoutBuffer(2, 100)
    buffer.push(piece(1, 2))
    expect(pulled(buffer, 3)).toEqual([1, 2, 0])
    buffer.push(piece(3))
    expect(pulled(buffer, 1)).toEqual([0])
    buffer.push(piece(4))
    expect(pulled(buffer, 2)).toEqual([3, 4])
  })

  it('drops the oldest when it lags behind', () => {
    const buffer = new PlayoutBuffer(1, 4)
    buffer.push(piece(1, 2, 3))
    expect(pulled(buffer, 1)).toEqual([1])
    buffer.push(piece(4, 5, 6))
    expect(pulled(buffer, 4)).toEqual([4, 5, 6, 0])
  })
})
