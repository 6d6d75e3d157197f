/** Sound as it travels: frames of 20 ms, 160 samples of 16 bits at 8000 Hz. */

export const FRAME_SAMPLES = 160

/** Cuts a stream of samples into whole frames. */
export class FrameCutter {
  private waiting = new Float32Array(0)

  push(samples: Float32Array): Int16Array[] {
    const all = new Float32Array(this.waiting.length + samples.length)
    all.set(this.waiting)
    all.set(samples, this.waiting.length)
    const frames: Int16Array[] = []
    let at = 0
    for (; at + FRAME_SAMPLES <= all.length; at += FRAME_SAMPLES) frames.push(toInt16(all.subarray(at, at + FRAME_SAMPLES)))
    this.waiting = all.slice(at)
    return frames
  }
}

export function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32767))
}

export function toFloat(frame: Int16Array): Float32Array {
  return Float32Array.from(frame, (sample) => sample / 32768)
}

/** How loud, from 0 (silence) to 1, in steps that an eye sees evenly: −60 dB to 0 dB. */
export function loudness(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  if (sum === 0) return 0
  const decibel = 10 * Math.log10(sum / samples.length)
  return Math.max(0, Math.min(1, 1 + decibel / 60))
}
