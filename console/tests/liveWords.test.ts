import { describe, expect, it } from 'vitest'
import { heard, MOST_LINES, type Line } from '@/features/seat-calls/liveWords'

type Side = Line['side']
const say = (lines: Line[], ...spoken: [Side, string, boolean][]) =>
  spoken.reduce<Line[]>((before, [side, text, is_final]) => heard(before, { side, text, is_final }), lines)
const shown = (lines: Line[]) => lines.map((line) => `${line.side}${line.isFinal ? '.' : '…'} ${line.text}`)

describe('words while they are spoken', () => {
  it('are replaced as more is understood, and stay once they are final', () => {
    const lines = say([], ['citizen', '路', false], ['citizen', '路灯', false], ['citizen', '路灯坏了', true], ['citizen', '请', false])
    expect(shown(lines)).toEqual(['citizen. 路灯坏了', 'citizen… 请'])
  })

  it('of both sides at once do not disturb each other, and each keeps its line', () => {
    const lines = say([], ['citizen', '我想', false], ['agent', '您好', false], ['citizen', '我想反映', true], ['agent', '您好请讲', true])
    expect(shown(lines)).toEqual(['citizen. 我想反映', 'agent. 您好请讲'])
    expect(lines.map((line) => line.id)).toEqual([1, 2])
  })

  it('may come as final at once', () => {
    expect(shown(say([], ['agent', '再见', true]))).toEqual(['agent. 再见'])
  })

  it('of a very long talk do not fill the page', () => {
    const lines = say([], ...Array.from({ length: MOST_LINES + 5 }, (_, at): [Side, string, boolean] => ['agent', String(at), true]))
    expect(lines).toHaveLength(MOST_LINES)
    expect(lines.at(-1)?.text).toBe(String(MOST_LINES + 4))
    expect(new Set(lines.map((line) => line.id)).size).toBe(MOST_LINES)
  })
})
