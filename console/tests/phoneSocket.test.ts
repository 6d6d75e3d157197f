import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PhoneSocket } from '@/features/phone/phoneSocket'
import type { Said } from '@/features/phone/words'

class FakeSocket {
  static readonly OPEN = 1
  static last: FakeSocket
  readyState = 0
  bufferedAmount = 0
  binaryType = ''
  sent: (string | ArrayBuffer)[] = []
  onopen = () => undefined
  onclose = () => undefined
  onmessage: (message: { data: string | ArrayBuffer }) => void = () => undefined

  constructor(readonly address: string) {
    FakeSocket.last = this
  }

  open(): void {
    this.readyState = FakeSocket.OPEN
    this.onopen()
  }

  send(data: string | ArrayBuffer): void {
    this.sent.push(data)
  }

  close(): void {
    this.readyState = 3
  }

  get pings(): number {
    return this.sent.filter((data) => typeof data === 'string' && data.includes('"ping"')).length
  }
}

const said: Said[] = []
const frames: ArrayBuffer[] = []
let lost = 0

function opened(): { phone: PhoneSocket; wire: FakeSocket } {
  const phone = new PhoneSocket('ws://line.test/phone', { type: 'hello', token: 't' }, {
    onSaid: (what) => said.push(what),
    onFrame: (pcm) => frames.push(pcm),
    onLost: () => lost++,
  })
  FakeSocket.last.open()
  return { phone, wire: FakeSocket.last }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  said.length = frames.length = lost = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the socket to the line', () => {
  it('says hello first, and tells words from sound', () => {
    const { wire } = opened()
    expect(wire.sent).toEqual(['{"type":"hello","token":"t"}'])
    wire.onmessage({ data: '{"type":"registered"}' })
    wire.onmessage({ data: new ArrayBuffer(320) })
    expect(said).toEqual([{ type: 'registered' }])
    expect(frames).toHaveLength(1)
  })

  it('drops sound that the network does not take, and nothing else', () => {
    const { phone, wire } = opened()
    phone.sendFrame(new ArrayBuffer(320))
    wire.bufferedAmount = 16_000
    phone.sendFrame(new ArrayBuffer(320))
    phone.tell({ type: 'digit', digit: '1' })
    expect(wire.sent.filter((data) => typeof data !== 'string')).toHaveLength(1)
    expect(wire.sent.at(-1)).toBe('{"type":"digit","digit":"1"}')
  })

  it('is lost when a ping stays unanswered, once', () => {
    const { wire } = opened()
    wire.onmessage({ data: '{"type":"registered"}' })
    vi.advanceTimersByTime(2_000)
    expect(wire.pings).toBe(1)
    vi.advanceTimersByTime(20_000)
    wire.onclose()
    expect([wire.pings, lost]).toEqual([1, 1])
  })

  it('is lost when it does not open', () => {
    new PhoneSocket('ws://line.test/phone', { type: 'hello', token: 't' }, { onSaid: () => undefined, onFrame: () => undefined, onLost: () => lost++ })
    vi.advanceTimersByTime(8_000)
    expect(lost).toBe(1)
  })

  it('does not mistake a tab that was put to sleep for a network that is away', () => {
    const { wire } = opened()
    vi.advanceTimersByTime(2_000)
    wire.onmessage({ data: '{"type":"pong","number":1}' })
    vi.setSystemTime(Date.now() + 60_000)
    vi.advanceTimersByTime(2_000)
    expect(lost).toBe(0)
  })

  it('says nothing more once it was closed', () => {
    const { phone, wire } = opened()
    phone.close()
    wire.onmessage({ data: '{"type":"registered"}' })
    wire.onclose()
    vi.advanceTimersByTime(60_000)
    expect([said.length, lost]).toEqual([0, 0])
  })
})
