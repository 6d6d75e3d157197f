/**
 * The live feed: one WebSocket that comes back by itself and continues after the last event it has had.
 * Knows nothing of screens. A ticket event is delivered once, also when the server repeats it after a resume.
 */
import { reconnectDelay } from './backoff'
import { parseFeedMessage, type FeedEvent, type Hello } from './messages'

export type FeedState = 'connecting' | 'live' | 'lost'

export type FeedSocket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'send' | 'close'>

export interface FeedSurroundings {
  openSocket: () => FeedSocket
  /** Runs the step after a delay; the answer cancels it. */
  after: (delayMs: number, step: () => void) => () => void
  random?: () => number
}

export interface FeedListener {
  onState: (state: FeedState) => void
  onEvent: (event: FeedEvent) => void
  /** Connected, for the first time or again: lists must be fetched, since hints are not repeated. */
  onHello: () => void
  /** The connection ended; `mayBeSignedOut` when the server closed or refused it like one without a session. */
  onLost: (mayBeSignedOut: boolean) => void
}

const NO_SESSION = 4401
/** So many ids are remembered to recognise a repeated event. */
const REMEMBERED_IDS = 2_000
/** The server pings every 15 s: silence for so long is a dead connection that nobody told us of. */
export const SILENCE_MS = 45_000

export class FeedClient {
  private socket: FeedSocket | null = null
  private isRunning = false
  private cursor: number | null = null
  private seen = new Set<number>()
  private failures = 0
  private cancelTimer: () => void = () => undefined

  constructor(
    private readonly surroundings: FeedSurroundings,
    private readonly listener: FeedListener,
  ) {}

  start(): void {
    this.isRunning = true
    this.listener.onState('connecting')
    this.connect()
  }

  stop(): void {
    this.isRunning = false
    this.cancelTimer()
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  /** Try at once instead of waiting for the next attempt (the network is back, the page is looked at again). */
  retryNow(): void {
    if (!this.isRunning || this.socket !== null) return
    this.cancelTimer()
    this.connect()
  }

  private connect(): void {
    const socket = this.surroundings.openSocket()
    let wasOpen = false
    this.socket = socket
    socket.onopen = () => {
      wasOpen = true
      socket.send(JSON.stringify({ type: 'resume', cursor: this.cursor }))
    }
    socket.onmessage = ({ data }) => {
      if (this.socket === socket) this.receive(socket, data)
    }
    socket.onclose = ({ code }) => {
      // A refused handshake tells a browser nothing: it may be the session or the network.
      if (this.socket === socket) this.lose(code === NO_SESSION || !wasOpen)
    }
    this.watchSilence(socket)
  }

  private receive(socket: FeedSocket, data: unknown): void {
    this.watchSilence(socket)
    const message = parseFeedMessage(data)
    if (message.type === 'hello') this.greet(message.hello)
    else if (message.type === 'event') this.deliver(message.event)
  }

  private greet(hello: Hello): void {
    this.failures = 0
    this.cursor = hello.cursor
    if (!hello.isComplete) this.seen.clear()
    this.listener.onState('live')
    this.listener.onHello()
  }

  private deliver(event: FeedEvent): void {
    if (event.id !== null) {
      if (this.seen.has(event.id)) return
      this.remember(event.id)
    }
    this.listener.onEvent(event)
  }

  private remember(id: number): void {
    this.seen.add(id)
    // A set keeps the order of insertion: the first is the oldest.
    if (this.seen.size > REMEMBERED_IDS) this.seen.delete(this.seen.values().next().value ?? id)
    this.cursor = Math.max(this.cursor ?? 0, id)
  }

  private lose(mayBeSignedOut: boolean): void {
    this.cancelTimer()
    this.socket = null
    this.listener.onState('lost')
    const delay = reconnectDelay(this.failures, this.surroundings.random ?? Math.random)
    this.failures += 1
    this.cancelTimer = this.surroundings.after(delay, () => this.connect())
    this.listener.onLost(mayBeSignedOut)
  }

  private watchSilence(socket: FeedSocket): void {
    this.cancelTimer()
    this.cancelTimer = this.surroundings.after(SILENCE_MS, () => {
      if (this.socket !== socket) return
      this.lose(false)
      socket.close()
    })
  }
}
