import { describe, expect, it } from 'vitest'
import { atOncePercent, longestWaitMs, standsSince } from '@/features/wallboard/board'
import type { Wallboard } from '@/shared/api/types'

const at = '2026-01-05T01:00:00Z'
const board = (figures: Partial<Wallboard>) => ({ at, waiting: 0, longest_wait_s: 0, ...figures }) as Wallboard

describe('the wallboard', () => {
  it('counts the longest wait up between two answers, never down, and not without a line', () => {
    const waiting = board({ waiting: 2, longest_wait_s: 40 })
    expect(longestWaitMs(waiting, Date.parse(at) + 3_000)).toBe(43_000)
    expect(longestWaitMs(waiting, Date.parse(at) - 3_000)).toBe(40_000)
    expect(longestWaitMs(board({}), Date.parse(at) + 3_000)).toBe(0)
  })

  it('says no share when nobody was answered', () => {
    expect(atOncePercent({ answered: 0, answered_at_once: 0 })).toBeNull()
    expect(atOncePercent({ answered: 3, answered_at_once: 2 })).toBe(67)
  })

  it('tells since when a call stands as it stands', () => {
    const times = { joined_at: 'joined', talked_from: 'from', talked_until: 'until' }
    const since = (['waiting', 'offered', 'talking', 'wrap_up'] as const).map((status) => standsSince({ ...times, status }))
    expect(since).toEqual(['joined', 'joined', 'from', 'until'])
    expect(standsSince({ ...times, talked_from: null, status: 'talking' })).toBe('joined')
  })
})
