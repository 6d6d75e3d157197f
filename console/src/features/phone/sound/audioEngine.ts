/** Microphone and loudspeaker of one call. Runs between `start` and `stop`; frames go in by `play` and come out by `onFrame`. */
import captureUrl from './capture.worklet.ts?worker&url'
import { openMicrophone } from './microphone'
import playoutUrl from './playout.worklet.ts?worker&url'

export interface EngineEars {
  onFrame(pcm: ArrayBuffer): void
  /** Loudness from 0 to 1 of what is said here, or of what the line says. */
  onLevel(of: 'microphone' | 'line', level: number): void
  /** The microphone was unplugged or taken away. */
  onMicrophoneGone(): void
}

interface Running {
  context: AudioContext
  capture: AudioWorkletNode
  playout: AudioWorkletNode
  source: MediaStreamAudioSourceNode
  stream: MediaStream
}

type ChoosesSink = AudioContext & { setSinkId?: (deviceId: string) => Promise<void> }

export class AudioEngine {
  private running: Running | null = null
  private starting: Promise<void> | null = null
  private isWanted = false
  private muted = false
  private speakerId = ''

  constructor(private readonly ears: EngineEars) {}

  /** Throws MicrophoneProblem. Does nothing when it runs already. Call it while the person's press is being handled. */
  start(microphoneId: string, speakerId: string): Promise<void> {
    this.isWanted = true
    if (this.running) return Promise.resolve()
    this.starting ??= this.bringUp(microphoneId, speakerId).finally(() => (this.starting = null))
    return this.starting
  }

  private async bringUp(microphoneId: string, speakerId: string): Promise<void> {
    const stream = await openMicrophone(microphoneId)
    const context = new AudioContext({ latencyHint: 'interactive' })
    try {
      await context.audioWorklet.addModule(captureUrl)
      await context.audioWorklet.addModule(playoutUrl)
      const playout = new AudioWorkletNode(context, 'phone-playout', { numberOfInputs: 0, outputChannelCount: [1] })
      const capture = new AudioWorkletNode(context, 'phone-capture', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' })
      playout.port.onmessage = (message: MessageEvent<{ level: number }>) => this.ears.onLevel('line', message.data.level)
      capture.port.onmessage = (message: MessageEvent<{ pcm: ArrayBuffer; level: number }>) => {
        this.ears.onLevel('microphone', message.data.level)
        this.ears.onFrame(message.data.pcm)
      }
      playout.connect(context.destination)
      const source = context.createMediaStreamSource(stream)
      source.connect(capture)
      this.running = { context, capture, playout, source, stream }
      this.watch(stream)
      this.setMuted(this.muted)
      await this.useSpeaker(speakerId)
      wake(context)
      if (!this.isWanted) this.stop() // while it was starting
    } catch (error) {
      stopTracks(stream)
      await context.close()
      this.running = null
      throw error
    }
  }

  play(pcm: ArrayBuffer): void {
    this.running?.playout.port.postMessage(pcm, [pcm])
  }

  /** Muted, silence is sent: the line must see that we are still there. */
  setMuted(isMuted: boolean): void {
    this.muted = isMuted
    for (const track of this.running?.stream.getAudioTracks() ?? []) track.enabled = !isMuted
  }

  /** Throws MicrophoneProblem; the one in use stays then. */
  async useMicrophone(deviceId: string): Promise<void> {
    const running = this.running
    if (!running) return
    const stream = await openMicrophone(deviceId)
    if (this.running !== running) return stopTracks(stream) // stopped meanwhile
    running.source.disconnect()
    stopTracks(running.stream)
    running.stream = stream
    running.source = running.context.createMediaStreamSource(stream)
    running.source.connect(running.capture)
    this.watch(stream)
    this.setMuted(this.muted)
  }

  /** Browsers that cannot choose play on the system's loudspeaker. */
  async useSpeaker(deviceId: string): Promise<void> {
    if (!this.running || deviceId === this.speakerId) return
    await (this.running.context as ChoosesSink).setSinkId?.(deviceId).catch(() => undefined)
    this.speakerId = deviceId
  }

  stop(): void {
    this.isWanted = false
    const running = this.running
    this.running = null
    this.speakerId = ''
    if (!running) return
    running.context.onstatechange = null
    stopTracks(running.stream)
    void running.context.close()
  }

  private watch(stream: MediaStream): void {
    for (const track of stream.getAudioTracks()) track.onended = () => this.ears.onMicrophoneGone()
  }
}

/** A phone call of the operating system may suspend it, and a page that was not touched yet may not begin to play. */
function wake(context: AudioContext): void {
  const resume = () => void context.resume().catch(() => undefined)
  context.onstatechange = resume
  document.addEventListener('pointerdown', resume, { once: true })
  resume()
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null
    track.stop()
  }
}
