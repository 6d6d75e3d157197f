/** Frames of the line → loudspeaker. Posts how loud it is, as it is heard. */
import { loudness, toFloat } from './frames'
import { PlayoutBuffer } from './playoutBuffer'
import { LINE_RATE, Resampler } from './resampler'

const START_S = 0.06
const MOST_S = 0.5
const LEVEL_EVERY_S = 0.1

class Playout extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(LINE_RATE, sampleRate)
  private readonly buffer = new PlayoutBuffer(START_S * sampleRate, MOST_S * sampleRate)
  private loudest = 0
  private untold = 0

  constructor() {
    super()
    this.port.onmessage = (message: MessageEvent<ArrayBuffer>) => {
      this.buffer.push(this.resampler.push(toFloat(new Int16Array(message.data))))
    }
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [channel, ...others] = outputs[0] ?? []
    if (!channel) return true
    this.buffer.pull(channel)
    for (const other of others) other.set(channel)
    this.tellLevel(channel)
    return true
  }

  private tellLevel(heard: Float32Array): void {
    this.loudest = Math.max(this.loudest, loudness(heard))
    this.untold += heard.length
    if (this.untold < LEVEL_EVERY_S * sampleRate) return
    this.port.postMessage({ level: this.loudest })
    this.loudest = this.untold = 0
  }
}

registerProcessor('phone-playout', Playout)
