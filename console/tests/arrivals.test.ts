import { describe, expect, it } from 'vitest'
import { arrivalsBetween } from '@/features/work/arrivals'

const ticket = (id: string, offerNo: number, isOffered: boolean) => ({
  id,
  number: id,
  offer_no: offerNo,
  offer_expires_at: isOffered ? '2026-01-05T01:00:00Z' : null,
})

const arrived = (before: ReturnType<typeof ticket>[], now: ReturnType<typeof ticket>[]) =>
  arrivalsBetween({ tickets: before, callbacks: [] }, { tickets: now, callbacks: [] }).tickets.map((each) => each.id)

describe('an arrival', () => {
  it('is a ticket that was not there before, offered or assigned', () => {
    expect(arrived([], [ticket('a', 1, true), ticket('b', 2, false)])).toEqual(['a', 'b'])
  })

  it('is the same ticket offered once more', () => {
    expect(arrived([ticket('a', 1, false)], [ticket('a', 4, true)])).toEqual(['a'])
  })

  it('is not the ticket I have just accepted', () => {
    expect(arrived([ticket('a', 1, true)], [ticket('a', 1, false)])).toEqual([])
  })

  it('is not what stays, nor what leaves', () => {
    expect(arrived([ticket('a', 1, true), ticket('b', 1, false)], [ticket('a', 1, true)])).toEqual([])
  })

  it('is a callback task newly owned', () => {
    const before = { tickets: [], callbacks: [{ id: 'c1' }] }
    const now = { tickets: [], callbacks: [{ id: 'c1' }, { id: 'c2' }] }
    expect(arrivalsBetween(before, now).callbacks).toEqual([{ id: 'c2' }])
  })
})
