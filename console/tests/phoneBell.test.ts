import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RingingBell } from '@/features/phone/bell'
import type { Ring } from '@/features/phone/words'

const shown: { title: string; body: string; isClosed: boolean }[] = []
const contexts: { tones: number; isClosed: boolean }[] = []

class FakeNotification {
  static permission = 'granted'
  onclick = () => undefined
  private readonly entry: { title: string; body: string; isClosed: boolean }

  constructor(title: string, options: { body: string }) {
    this.entry = { title, body: options.body, isClosed: false }
    shown.push(this.entry)
  }

  close(): void {
    this.entry.isClosed = true
  }
}

class FakeAudioContext {
  currentTime = 0
  destination = {}
  private readonly entry = { tones: 0, isClosed: false }

  constructor() {
    contexts.push(this.entry)
  }

  createGain() {
    return { gain: { value: 1, setTargetAtTime: () => undefined }, connect: () => undefined }
  }

  createOscillator() {
    this.entry.tones++
    return { frequency: { value: 0 }, connect: () => undefined, start: () => undefined }
  }

  close() {
    this.entry.isClosed = true
    return Promise.resolve()
  }
}

const ring = (): Ring => ({ callId: 'c1', facts: { caller: '139****0001' }, endsAtMs: Date.now() + 20_000 })
const bell = new RingingBell({ title: () => '【来电】', notice: (call) => `${call.facts.caller} 正在呼叫您` })
const see = (state: DocumentVisibilityState) => vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('Notification', FakeNotification)
  vi.stubGlobal('AudioContext', FakeAudioContext)
  FakeNotification.permission = 'granted'
  shown.length = contexts.length = 0
  document.title = '(2) 坐席台'
})
afterEach(() => {
  bell.stop()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('the bell', () => {
  it('sounds and blinks in the title, and leaves the title as others have left it', () => {
    bell.ring(ring())
    expect(document.title).toBe('【来电】 (2) 坐席台')
    vi.advanceTimersByTime(1_000)
    expect(document.title).toBe('(2) 坐席台')
    document.title = '(3) 坐席台' // another ticket came meanwhile
    vi.advanceTimersByTime(1_000)
    expect(document.title).toBe('【来电】 (3) 坐席台')
    bell.stop()
    expect(document.title).toBe('(3) 坐席台')
    expect(contexts).toEqual([{ tones: 2, isClosed: true }])
    vi.advanceTimersByTime(5_000)
    expect(document.title).toBe('(3) 坐席台')
  })

  it('shows a notice of the system when the tab is hidden, until it stops', () => {
    see('hidden')
    bell.ring(ring())
    expect(shown).toEqual([{ title: '【来电】', body: '139****0001 正在呼叫您', isClosed: false }])
    bell.stop()
    expect(shown[0]?.isClosed).toBe(true)
  })

  it.each<[string, DocumentVisibilityState, string]>([
    ['the tab is seen', 'visible', 'granted'],
    ['notices were not allowed', 'hidden', 'denied'],
  ])('shows none when %s', (_, state, permission) => {
    see(state)
    FakeNotification.permission = permission
    bell.ring(ring())
    expect(shown).toEqual([])
  })

  it('begins anew when it rings again', () => {
    bell.ring(ring())
    bell.ring(ring())
    expect(contexts.map((context) => context.isClosed)).toEqual([true, false])
  })
})
