/** A ringing phone that is noticed: a tone, a blinking title, and a notice of the system when the tab is hidden. */
import type { Bell } from './usePhone'
import type { Ring } from './words'

const BLINK_MS = 1_000
const TONES_HZ = [440, 480]
const ON_S = 1
const PERIOD_S = 4
const VOLUME = 0.15

export interface BellWords {
  /** In front of the page's title. */
  title: () => string
  notice: (ring: Ring) => string
}

export class RingingBell implements Bell {
  private blinking: ReturnType<typeof setInterval> | undefined
  private context: AudioContext | null = null
  private notice: Notification | null = null
  private mark = ''

  constructor(private readonly words: BellWords) {}

  ring(ring: Ring): void {
    this.stop()
    this.mark = `${this.words.title()} `
    this.blink()
    this.blinking = setInterval(() => this.blink(), BLINK_MS)
    this.sound((ring.endsAtMs - Date.now()) / 1000)
    if (document.visibilityState === 'hidden') this.show(ring)
  }

  stop(): void {
    clearInterval(this.blinking)
    if (this.mark && document.title.startsWith(this.mark)) document.title = document.title.slice(this.mark.length)
    this.mark = ''
    void this.context?.close()
    this.context = null
    this.notice?.close()
    this.notice = null
  }

  private blink(): void {
    const isMarked = document.title.startsWith(this.mark)
    document.title = isMarked ? document.title.slice(this.mark.length) : this.mark + document.title
  }

  /** Planned ahead as a whole: timers of hidden tabs are slow. */
  private sound(seconds: number): void {
    const context = (this.context = new AudioContext())
    const gain = context.createGain()
    gain.gain.value = 0
    gain.connect(context.destination)
    for (let at = 0; at < seconds; at += PERIOD_S) {
      gain.gain.setTargetAtTime(VOLUME, context.currentTime + at, 0.02)
      gain.gain.setTargetAtTime(0, context.currentTime + at + ON_S, 0.02)
    }
    for (const hertz of TONES_HZ) {
      const tone = context.createOscillator()
      tone.frequency.value = hertz
      tone.connect(gain)
      tone.start()
    }
  }

  private show(ring: Ring): void {
    if (!('Notification' in window) || Notification.permission !== 'granted') return
    this.notice = new Notification(this.words.title(), { body: this.words.notice(ring), requireInteraction: true, tag: 'hotline-ring' })
    this.notice.onclick = () => {
      window.focus()
      this.notice?.close()
    }
  }
}
