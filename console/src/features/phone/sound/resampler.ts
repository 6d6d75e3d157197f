/** Changes the rate of a stream of samples: a windowed sinc that cuts off what the lower rate cannot carry. */

const HALF_WIDTH = 12 // zero crossings on either side
const PHASES = 256 // of the kernel table, between two zero crossings
export const LINE_RATE = 8000

export class Resampler {
  private readonly step: number
  private readonly reach: number // input samples on either side of an output sample
  private readonly scale: number // of the kernel: below 1 when the rate goes down
  private held: Float32Array
  private at: number // place of the next output sample in `held`

  constructor(from: number, to: number) {
    this.step = from / to
    this.scale = Math.min(1, to / from) * 0.92 // a little below half the rate: the filter is not infinitely steep
    this.reach = Math.ceil(HALF_WIDTH / this.scale)
    this.held = new Float32Array(this.reach)
    this.at = this.reach
  }

  /** What can be said of the stream up to here; the last few samples wait for those that follow. */
  push(samples: Float32Array): Float32Array {
    const input = new Float32Array(this.held.length + samples.length)
    input.set(this.held)
    input.set(samples, this.held.length)
    const count = Math.max(0, Math.floor((input.length - 1 - this.reach - this.at) / this.step) + 1)
    const output = new Float32Array(count)
    for (let index = 0; index < count; index++) output[index] = this.sampleAt(input, this.at + index * this.step)
    const next = this.at + count * this.step
    const kept = Math.max(0, Math.floor(next) - this.reach)
    this.held = input.slice(kept)
    this.at = next - kept
    return output
  }

  private sampleAt(input: Float32Array, place: number): number {
    const first = Math.max(0, Math.ceil(place - this.reach))
    const last = Math.min(input.length - 1, Math.floor(place + this.reach))
    let sum = 0
    for (let index = first; index <= last; index++) sum += (input[index] ?? 0) * kernel(Math.abs(index - place) * this.scale)
    return sum * this.scale
  }
}

/** Sinc under a Hann window, from 0 to HALF_WIDTH zero crossings. */
const TABLE = Float32Array.from({ length: HALF_WIDTH * PHASES + 2 }, (_, index) => {
  const x = index / PHASES
  if (x === 0) return 1
  if (x >= HALF_WIDTH) return 0
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / HALF_WIDTH))
})

function kernel(x: number): number {
  const place = x * PHASES
  const index = Math.floor(place)
  const here = TABLE[index] ?? 0
  return here + ((TABLE[index + 1] ?? 0) - here) * (place - index)
}
