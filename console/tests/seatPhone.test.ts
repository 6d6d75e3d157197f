import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deskPhone, isBrowserPhone, phoneState } from '@/features/seat-calls/phoneAddress'
import { TitleBlink } from '@/features/seat-calls/titleBlink'

describe('a desk phone', () => {
  it('is a number or a SIP address', () => {
    expect([' 801 ', '0571-8888 0000', 'sip:801@pbx.example', 'sips:a@b.example:5061'].map(deskPhone)).toEqual([
      '801', '057188880000', 'sip:801@pbx.example', 'sips:a@b.example:5061',
    ])
    expect(['', '8', 'sip:', 'sip:a b@c', 'browser:abc', 'javascript:alert(1)'].map(deskPhone)).toEqual(Array(6).fill(null))
  })

  it('rings only for somebody who is there and has no call', () => {
    expect([phoneState(null, true, false), phoneState('801', true, false), phoneState('801', false, false)]).toEqual(['none', 'ready', 'away'])
    expect([phoneState('801', true, true), phoneState('801', false, true)]).toEqual(['engaged', 'engaged'])
    expect([isBrowserPhone('browser:abc'), isBrowserPhone('801'), isBrowserPhone(null)]).toEqual([true, false, false])
  })
})

describe('the title', () => {
  const blink = new TitleBlink()
  beforeEach(() => {
    vi.useFakeTimers()
    document.title = '坐席台'
  })
  afterEach(() => {
    blink.stop()
    vi.useRealTimers()
  })

  it('is marked on and off while it rings, and as before afterwards', () => {
    blink.start('【来电】')
    expect(document.title).toBe('【来电】 坐席台')
    vi.advanceTimersByTime(1_000)
    expect(document.title).toBe('坐席台')
    vi.advanceTimersByTime(1_000)
    blink.stop()
    vi.advanceTimersByTime(5_000)
    expect(document.title).toBe('坐席台')
  })

  it('keeps what others set meanwhile', () => {
    blink.start('【来电】')
    document.title = '(1) 坐席台'
    vi.advanceTimersByTime(1_000)
    expect(document.title).toBe('【来电】 (1) 坐席台')
    blink.stop()
    expect(document.title).toBe('(1) 坐席台')
  })
})
