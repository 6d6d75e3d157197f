/** Microphone → frames of the line. Posts each frame with its loudness. */
import { FrameCutter, loudness, toFloat } from './frames'
import { LINE_RATE, Resampler } from './resampler'

class Capture extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate, LINE_RATE)
  private readonly cutter = new FrameCutter()

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0]
    if (channel) for (const frame of this.cutter.push(this.resampler.push(channel))) this.send(frame)
    return true
  }

  private send(frame: Int16Array): void {
    const level = loudness(toFloat(frame))
    this.port.postMessage({ pcm: frame.buffer, level }, [frame.buffer])
  }
}

registerProcessor('phone-capture', Capture)
