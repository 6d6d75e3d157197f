import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useSeatCall } from '@/features/seat-calls/seatCallStore'
import { api } from '@/shared/api/client'
import type { SpokenWords, TalkSoFar } from '@/shared/feed/messages'

const mine = (talk: object) => ({ call_id: 'c1', status: 'talking', talk })
const answers = (status: number, data?: object) => vi.fn().mockResolvedValue({ data, error: data, response: new Response(null, { status }) })
const stands = (call: object | null) => (api.GET = answers(200, call as object) as unknown as typeof api.GET)
const replies = (status: number, body?: object) => (api.POST = answers(status, body) as unknown as typeof api.POST)
const words = (call_id: string): SpokenWords => ({ id: null, kind: 'talk.words', call_id, side: 'citizen', text: '喂', is_final: true })

describe('my call', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('hears only its own words, and forgets them with the call', async () => {
    const seat = useSeatCall()
    stands(mine({}))
    await seat.load()
    seat.hear(words('another'))
    seat.hear(words('c1'))
    expect(seat.lines).toHaveLength(1)
    stands(null)
    await seat.load()
    expect(seat.lines).toEqual([])
  })

  it('has the words from before a reload, whether they or the call come first, and goes on from them', async () => {
    const said = [{ side: 'agent', text: '您好', is_final: true }, { side: 'citizen', text: '路', is_final: false }] as const
    const soFar: TalkSoFar = { id: null, kind: 'talk.so_far', call_id: 'c1', lines: [...said] }
    const seat = useSeatCall()
    seat.hear(soFar)
    expect(seat.lines).toEqual([])
    stands(mine({}))
    await seat.load()
    seat.hear(words('c1'))
    expect(seat.lines.map((line) => line.text)).toEqual(['您好', '喂'])
    seat.hear(words('the one before'))
    seat.hear(soFar)
    expect(seat.lines.map((line) => line.text)).toEqual(['您好', '路'])
  })

  it('shows an order as under way until the talk says that it was obeyed', async () => {
    const seat = useSeatCall()
    stands(mine({}))
    await seat.load()
    replies(204)
    await seat.give({ kind: 'hold', target: '' })
    expect(seat.isPending('hold', 'resume')).toBe(true)
    stands(mine({ is_held: true }))
    await seat.load()
    expect(seat.isPending('hold', 'resume')).toBe(false)
  })

  it.each([[409, 'seat_call.moved_on'], [404, 'seat_call.not_found']])('says plainly that somebody was faster (%i), and looks anew', async (status, code) => {
    const seat = useSeatCall()
    stands(mine({}))
    await seat.load()
    replies(status, { code })
    stands(null)
    expect(await seat.wrapUp('c1', 'ticket', '')).toBe(false)
    expect([seat.lostRace?.code, seat.call]).toEqual([code, null])
  })

  it('throws any other refusal, and the order may be given again', async () => {
    const seat = useSeatCall()
    stands(mine({}))
    await seat.load()
    replies(422, { code: 'request.invalid' })
    await expect(seat.give({ kind: 'hold', target: '' })).rejects.toThrow('request.invalid')
    expect(seat.lostRace).toBeNull()
    expect(seat.isPending('hold')).toBe(false)
  })
})
