/** One WebSocket to the line: texts, frames, and the certainty that somebody is there. */
import { readSaid, type Said, type Told } from './words'

const PING_EVERY_MS = 2_000
/** So long without a sign of life after a ping, and the network counts as away. */
const SILENT_MS = 5_000
/** One second of sound. What waits longer is dropped: nobody wants to be heard late. */
const MOST_UNSENT_BYTES = 16_000

export interface SocketEars {
  onSaid(said: Said): void
  onFrame(pcm: ArrayBuffer): void
  /** Once; nothing comes after it. */
  onLost(): void
}

export class PhoneSocket {
  private readonly socket: WebSocket
  private readonly beat: ReturnType<typeof setInterval>
  private isOver = false
  private heardAtMs = 0
  private askedAtMs = Date.now()
  private pings = 0

  constructor(
    address: string,
    first: Told,
    private readonly ears: SocketEars,
  ) {
    this.socket = new WebSocket(address)
    this.socket.binaryType = 'arraybuffer'
    this.socket.onopen = () => this.tell(first)
    this.socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => this.take(message.data)
    this.socket.onclose = () => this.lose()
    this.beat = setInterval(() => this.ping(), PING_EVERY_MS)
  }

  tell(told: Told): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(told))
  }

  sendFrame(pcm: ArrayBuffer): void {
    if (this.socket.readyState === WebSocket.OPEN && this.socket.bufferedAmount < MOST_UNSENT_BYTES) this.socket.send(pcm)
  }

  /** Leave without a word to the ears. */
  close(): void {
    this.isOver = true
    clearInterval(this.beat)
    this.socket.close()
  }

  private take(data: string | ArrayBuffer): void {
    this.heardAtMs = Date.now()
    if (this.isOver) return
    if (typeof data === 'string') this.ears.onSaid(readSaid(data, Date.now()))
    else this.ears.onFrame(data)
  }

  /** In a hidden tab this runs seldom: only who was asked and stayed silent is away. */
  private ping(): void {
    const nowMs = Date.now()
    if (this.heardAtMs >= this.askedAtMs) {
      this.askedAtMs = nowMs
      this.tell({ type: 'ping', number: ++this.pings })
    } else if (nowMs - this.askedAtMs > SILENT_MS) this.lose()
  }

  private lose(): void {
    if (this.isOver) return
    this.close()
    this.ears.onLost()
  }
}
