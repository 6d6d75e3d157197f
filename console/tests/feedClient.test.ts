import { beforeEach, describe, expect, it } from 'vitest'
import { FeedClient, SILENCE_MS, type FeedSocket, type FeedState } from '@/shared/feed/feedClient'
import type { FeedEvent } from '@/shared/feed/messages'

/** A socket driven by the test. */
class FakeSocket {
  onopen: (() => void) | null = null
  onmessage: ((message: { data: unknown }) => void) | null = null
  onclose: ((close: { code: number }) => void) | null = null
  sent: unknown[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  greets(cursor: number, isComplete = true): void {
    this.onopen?.()
    this.says({ type: 'hello', cursor, is_complete: isComplete })
  }

  tells(id: number | null, kind = 'ticket.changed'): void {
    this.says(id === null ? { type: 'event', id, kind } : { type: 'event', id, kind, ticket_id: `t${id}`, number: `n${id}` })
  }

  ends(code = 1006): void {
    this.onclose?.({ code })
  }
}

class Bench {
  sockets: FakeSocket[] = []
  timers: { delayMs: number; step: () => void; isCancelled: boolean }[] = []
  states: FeedState[] = []
  events: FeedEvent[] = []
  hellos = 0
  signedOutGuesses: boolean[] = []

  client = new FeedClient(
    {
      openSocket: () => {
        const socket = new FakeSocket()
        this.sockets.push(socket)
        return socket as unknown as FeedSocket
      },
      after: (delayMs, step) => {
        const timer = { delayMs, step, isCancelled: false }
        this.timers.push(timer)
        return () => (timer.isCancelled = true)
      },
      random: () => 1,
    },
    {
      onState: (state) => this.states.push(state),
      onEvent: (event) => this.events.push(event),
      onHello: () => (this.hellos += 1),
      onLost: (mayBeSignedOut) => this.signedOutGuesses.push(mayBeSignedOut),
    },
  )

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('no socket was opened')
    return socket
  }

  get waiting() {
    return this.timers.filter((timer) => !timer.isCancelled)
  }

  /** The only timer that is waiting fires. */
  timePasses(): number {
    const [timer, ...others] = this.waiting
    if (!timer || others.length) throw new Error(`${this.waiting.length} timers wait`)
    timer.isCancelled = true
    timer.step()
    return timer.delayMs
  }
}

let bench: Bench

beforeEach(() => {
  bench = new Bench()
  bench.client.start()
})

describe('resume', () => {
  it('asks for everything from now on when it has had nothing', () => {
    bench.socket.greets(40)
    expect(bench.socket.sent).toEqual([{ type: 'resume', cursor: null }])
    expect(bench.states).toEqual(['connecting', 'live'])
  })

  it('continues after the largest id it has had', () => {
    bench.socket.greets(40)
    bench.socket.tells(43)
    bench.socket.tells(41)
    bench.socket.ends()
    bench.timePasses()
    bench.socket.onopen?.()
    expect(bench.socket.sent).toEqual([{ type: 'resume', cursor: 43 }])
  })

  it('continues from the hello when nothing happened since', () => {
    bench.socket.greets(40)
    bench.socket.ends()
    bench.timePasses()
    bench.socket.onopen?.()
    expect(bench.socket.sent).toEqual([{ type: 'resume', cursor: 40 }])
  })

  it('has lists loaded after every hello, since hints are not repeated', () => {
    bench.socket.greets(40)
    bench.socket.ends()
    bench.timePasses()
    bench.socket.greets(40)
    expect(bench.hellos).toBe(2)
  })

  it('takes the cursor of a server that cannot tell everything, and forgets the ids it has had', () => {
    bench.socket.greets(40)
    bench.socket.tells(41)
    bench.socket.ends()
    bench.timePasses()
    bench.socket.greets(7, false)
    bench.socket.tells(41)
    expect(bench.events.map((event) => event.id)).toEqual([41, 41])
  })
})

describe('events', () => {
  it('are delivered once, also when the server repeats them after a resume', () => {
    bench.socket.greets(40)
    bench.socket.tells(41)
    bench.socket.ends()
    bench.timePasses()
    bench.socket.greets(41)
    bench.socket.tells(41)
    bench.socket.tells(42)
    expect(bench.events.map((event) => event.id)).toEqual([41, 42])
  })

  it('with a smaller id after a larger one are delivered too', () => {
    bench.socket.greets(40)
    bench.socket.tells(42)
    bench.socket.tells(41)
    expect(bench.events.map((event) => event.id)).toEqual([42, 41])
  })

  it('without an id are hints: delivered every time', () => {
    bench.socket.greets(40)
    bench.socket.tells(null, 'callback.changed')
    bench.socket.tells(null, 'callback.changed')
    expect(bench.events).toHaveLength(2)
  })

  it('that cannot be understood disturb nothing', () => {
    bench.socket.greets(40)
    for (const data of ['', 'null', '[]', '{"type":"event"}', '{"type":"event","id":"x","kind":"y"}', 7, '{"type":"new"}']) {
      bench.socket.onmessage?.({ data })
    }
    expect(bench.events).toEqual([])
    expect(bench.states.at(-1)).toBe('live')
  })
})

describe('reconnection', () => {
  it('waits longer after every failure, up to fifteen seconds, and starts small again after a hello', () => {
    const delays: number[] = []
    for (let round = 0; round < 8; round += 1) {
      bench.socket.ends()
      delays.push(bench.timePasses())
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
    bench.socket.greets(1)
    bench.socket.ends()
    expect(bench.timePasses()).toBe(500)
  })

  it('treats a long silence as a dead connection', () => {
    bench.socket.greets(1)
    const dead = bench.socket
    expect(bench.timePasses()).toBe(SILENCE_MS)
    expect(dead.isClosed).toBe(true)
    expect(bench.states.at(-1)).toBe('lost')
    bench.timePasses()
    bench.socket.greets(1)
    expect(bench.states.at(-1)).toBe('live')
  })

  it('is kept alive by a ping', () => {
    bench.socket.greets(1)
    bench.socket.says({ type: 'ping' })
    expect(bench.waiting.map((timer) => timer.delayMs)).toEqual([SILENCE_MS])
  })

  it('hears nothing from a socket it has given up', () => {
    bench.socket.greets(1)
    const dead = bench.socket
    bench.timePasses()
    dead.tells(5)
    dead.ends()
    expect(bench.events).toEqual([])
    expect(bench.waiting).toHaveLength(1)
  })

  it('happens at once when asked for, and only if the connection is lost', () => {
    bench.socket.greets(1)
    bench.client.retryNow()
    expect(bench.sockets).toHaveLength(1)
    bench.socket.ends()
    bench.client.retryNow()
    expect(bench.sockets).toHaveLength(2)
  })

  it('guesses a lost session from its close code or from a refused handshake, not from a broken line', () => {
    bench.socket.ends(1006)
    bench.timePasses()
    bench.socket.greets(1)
    bench.socket.ends(1006)
    bench.timePasses()
    bench.socket.greets(1)
    bench.socket.ends(4401)
    expect(bench.signedOutGuesses).toEqual([true, false, true])
  })

  it('ends with stop', () => {
    bench.socket.greets(1)
    const socket = bench.socket
    bench.client.stop()
    socket.ends()
    bench.client.retryNow()
    expect(socket.isClosed).toBe(true)
    expect(bench.sockets).toHaveLength(1)
    expect(bench.waiting).toEqual([])
  })
})
