import { describe, expect, it } from 'vitest'
import type { PieceView, WordView } from '@/shared/api/types'
import { isWithin, readingBits, wordBits } from '@/shared/recording/bits'

function word(text: string, start: number, more: Partial<WordView> = {}): WordView {
  return { text, start_ms: start, end_ms: start + 100, confidence: 0.9, speaker: 'citizen', redaction: null, ...more }
}

function piece(text: string, first: number, end: number, more: Partial<PieceView> = {}): PieceView {
  return { text, first_word: first, end_word: end, kind: 'words', redaction: null, ...more }
}

const words = [word('电话', 0), word('＊＊', 100, { redaction: 'phone_number', confidence: 0.5 }), word('＊＊', 200, { redaction: 'phone_number' })]
const name = (speaker: WordView['speaker']) => `${speaker}:`

describe('the reading layer', () => {
  const bits = readingBits(
    [piece('电话', 0, 1), piece('，', 1, 1, { kind: 'punctuation' }), piece('［电话］', 1, 3, { redaction: 'phone_number' })],
    words,
  )

  it('reads as the pieces do', () => {
    expect(bits.map((bit) => bit.text).join('')).toBe('电话，［电话］')
  })

  it('gives each piece the time of its words, and punctuation none', () => {
    expect(bits.map((bit) => bit.time)).toEqual([{ startMs: 0, endMs: 100 }, null, { startMs: 100, endMs: 300 }])
  })

  it('is as sure as its least sure word', () => {
    expect(bits[2]?.confidence).toBe(0.5)
  })

  it('keeps what is private known as such', () => {
    expect(bits.map((bit) => bit.redaction)).toEqual([null, null, 'phone_number'])
  })
})

describe('the raw layer', () => {
  it('shows one speaker without names', () => {
    expect(wordBits(words, name).map((bit) => bit.text)).toEqual(['电话', '＊＊', '＊＊'])
  })

  it('shows two speakers as turns', () => {
    const two = [word('您好', 0, { speaker: 'agent' }), word('你好', 100), word('路灯', 200), word('好', 300, { speaker: 'agent' })]
    expect(wordBits(two, name).map((bit) => bit.text)).toEqual(['agent:', '您好', '\ncitizen:', '你好', '路灯', '\nagent:', '好'])
  })
})

describe('evidence marks the words it came from', () => {
  const bits = wordBits(words, name)
  it.each([
    [{ first_word: 1, end_word: 3 }, [false, true, true]],
    [{ first_word: 0, end_word: 1 }, [true, false, false]],
    [{ first_word: 0, end_word: 0 }, [false, false, false]],
    [null, [false, false, false]],
  ])('%o', (span, expected) => {
    expect(bits.map((bit) => isWithin(bit, span))).toEqual(expected)
  })
})
