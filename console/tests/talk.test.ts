import { describe, expect, it } from 'vitest'
import { guestNumber, isObeyed, talkOf, type Order } from '@/features/seat-calls/talk'
import type { SeatCall, SeatOrderKind } from '@/shared/api/types'

const talking = (talk: SeatCall['talk']) => ({ status: 'talking', talk }) as SeatCall
const order = (kind: SeatOrderKind, target = ''): Order => ({ kind, target })

describe('a talk', () => {
  it('is nothing of all before it begins, nor with garbage for its state', () => {
    const nothing = { isHeld: false, isMuted: false, isRecording: false, isRecordingPaused: false, guests: [], failedGuest: null, failedOrder: null }
    expect(talkOf({})).toEqual(nothing)
    expect(talkOf({ is_held: 'yes', guests: '110', failed_guest: 3, failed_order: 4 })).toEqual(nothing)
  })

  it('tells who was not reached, and why', () => {
    expect(talkOf({ failed_guest: '10086: busy' }).failedGuest).toEqual({ number: '10086', reason: 'busy' })
    expect(talkOf({ failed_guest: '10086' }).failedGuest).toEqual({ number: '10086', reason: '' })
  })
})

describe('an order', () => {
  it.each<[SeatOrderKind, SeatOrderKind, string]>([
    ['hold', 'resume', 'is_held'],
    ['mute', 'unmute', 'is_muted'],
    ['pause_recording', 'resume_recording', 'is_recording_paused'],
  ])('%s is obeyed when the talk says so, and %s takes it back', (on, off, flag) => {
    expect([isObeyed(order(on), talking({ [flag]: true })), isObeyed(order(on), talking({ [flag]: false }))]).toEqual([true, false])
    expect([isObeyed(order(off), talking({ [flag]: true })), isObeyed(order(off), talking({ [flag]: false }))]).toEqual([false, true])
  })

  it('to bring somebody in is under way until he is there or was not reached', () => {
    const invite = order('invite', '119')
    expect(isObeyed(invite, talking({ guests: [] }))).toBe(false)
    expect(isObeyed(invite, talking({ guests: [], failed_guest: '110: busy' }))).toBe(false)
    expect(isObeyed(invite, talking({ guests: ['119'] }))).toBe(true)
    expect(isObeyed(invite, talking({ guests: [], failed_guest: '119: no_answer' }))).toBe(true)
    expect(isObeyed(order('remove_guest', '119'), talking({ guests: ['119'] }))).toBe(false)
    expect(isObeyed(order('remove_guest', '119'), talking({ guests: [] }))).toBe(true)
  })

  it('that came to nothing is under way no longer, and what stands is told', () => {
    const talk = { is_muted: false, failed_order: 'mute' }
    expect([isObeyed(order('mute'), talking(talk)), isObeyed(order('hold'), talking(talk))]).toEqual([true, false])
    expect(talkOf(talk)).toMatchObject({ isMuted: false, failedOrder: 'mute' })
  })

  it('to hang up, to send on and to hand over are under way until the talk is over, and so is every other then', () => {
    expect(isObeyed(order('hang_up'), talking({}))).toBe(false)
    expect(isObeyed(order('transfer', 'desk-2'), talking({}))).toBe(false)
    expect(isObeyed(order('hand_over'), talking({ guests: ['119'] }))).toBe(false)
    expect(isObeyed(order('hang_up'), { status: 'wrap_up', talk: {} } as SeatCall)).toBe(true)
    expect(isObeyed(order('hold'), null)).toBe(true)
  })
})

it('a third party is a number, however it was written', () => {
  expect([' 110', '+86 571-8888 0000', '12345'].map(guestNumber)).toEqual(['110', '+8657188880000', '12345'])
  expect(['', '1', 'sip:a@b.example', '119a', '+'].map(guestNumber)).toEqual([null, null, null, null, null])
})
