import { describe, expect, it } from 'vitest'
import { isAtRest, next, OFF, type Effect, type Happening, type Kind, type Phone } from '@/features/phone/phoneMachine'
import type { LiveCall, Ring, Said } from '@/features/phone/words'

const CALL: LiveCall = { callId: 'c1', secret: 's1', keptMs: 10_000 }
const RING: Ring = { callId: 'c1', facts: { caller: '139****0001' }, endsAtMs: 20_000 }

const said = (what: Said): Happening => ({ type: 'said', said: what })
const answered = said({ type: 'answered', call: CALL })
const lost = (nowMs: number): Happening => ({ type: 'lost', nowMs })

/** Where a row of happenings leads, and all that was to be done on the way. */
function walk(kind: Kind, ...happenings: Happening[]): { phone: Phone; done: string[]; effects: Effect[] } {
  let phone = OFF
  const effects: Effect[] = []
  for (const happening of happenings) {
    const [after, ...todo] = next(kind, phone, happening)
    phone = after
    effects.push(...todo)
  }
  return { phone, effects, done: effects.map((effect) => (effect.do === 'tell' ? effect.told.type : effect.do)) }
}

const start: Happening = { type: 'start' }
const registered = said({ type: 'registered' })
const ring = said({ type: 'ring', ring: RING })

describe('a citizen', () => {
  it('calls, talks, presses keys and hangs up', () => {
    const { phone, done } = walk('citizen', start, said({ type: 'calling', call: CALL }), answered, { type: 'digit', digit: '1' }, { type: 'hangUp' }, said({ type: 'ended', callId: 'c1', cause: 'bye' }), lost(1))
    expect(phone).toEqual({ at: 'over', cause: 'bye' })
    expect(done).toEqual(['connect', 'stopRinging', 'soundOn', 'digit', 'hang_up', 'soundOff'])
  })

  it('sees when the line speaks and when it listens', () => {
    const { phone } = walk('citizen', start, answered, said({ type: 'sound', isOn: true }))
    expect(phone).toMatchObject({ at: 'talking', isLineSpeaking: true })
  })

  it('comes back to the call after the network was away', () => {
    const { phone, effects } = walk('citizen', start, answered, lost(1_000), lost(2_000))
    expect(phone).toMatchObject({ at: 'away', untilMs: 11_000, tries: 1 })
    expect(effects.filter((effect) => effect.do === 'connect').map((effect) => effect.do === 'connect' && effect.back)).toEqual([null, CALL, CALL])
    expect(walk('citizen', start, answered, lost(1_000), answered).phone.at).toBe('talking')
  })

  it.each<[string, Happening]>([
    ['the time is over', lost(11_000)],
    ['the line knows nothing of it', said({ type: 'refused', reason: 'phone.call_gone' })],
  ])('has lost the call when %s', (_, happening) => {
    expect(walk('citizen', start, answered, lost(1_000), happening).phone).toEqual({ at: 'over', cause: 'network_lost' })
  })

  it('can hang up while the network is away, and while it connects', () => {
    expect(walk('citizen', start, answered, lost(1_000), { type: 'hangUp' }).phone).toEqual({ at: 'over', cause: 'bye' })
    expect(walk('citizen', start, { type: 'hangUp' }).phone).toEqual({ at: 'over', cause: 'cancel' })
  })

  it.each<[string, Happening]>([
    ['phone.full', said({ type: 'refused', reason: 'phone.full' })],
    ['web_call.closed', { type: 'noEntry', reason: 'web_call.closed', canRetry: false }],
    ['network.unreachable', { type: 'noEntry', reason: 'network.unreachable', canRetry: true }],
    ['network.unreachable', lost(1)],
  ])('is told why there is no call: %s', (reason, happening) => {
    const { phone, done } = walk('citizen', start, happening)
    expect(phone).toEqual({ at: 'failed', reason })
    expect(done).toContain('soundOff')
  })

  it('may call again', () => {
    expect(walk('citizen', start, lost(1), start).phone.at).toBe('connecting')
  })
})

describe('a seat', () => {
  it('is rung, answers and is ready again', () => {
    const { phone, done } = walk('seat', start, registered, ring, { type: 'answer' }, answered, said({ type: 'ended', callId: 'c1', cause: 'local_bye' }))
    expect(phone).toEqual({ at: 'ready' })
    expect(done).toEqual(['connect', 'ringing', 'ring', 'stopRinging', 'answer', 'stopRinging', 'soundOn', 'stopRinging', 'soundOff'])
  })

  it('declines once, and cannot answer after it', () => {
    const { phone, done } = walk('seat', start, registered, ring, { type: 'decline' }, { type: 'answer' })
    expect(phone.at).toBe('ready')
    expect(done).toEqual(['connect', 'ringing', 'ring', 'stopRinging', 'decline'])
  })

  it.each([
    ['while it rings', []],
    ['while it was being answered', [{ type: 'answer' }]],
  ] as [string, Happening[]][])('stops ringing when the caller gives up %s', (_, before) => {
    const { phone, done } = walk('seat', start, registered, ring, ...before, said({ type: 'stop_ringing', callId: 'c1', cause: 'cancel' }))
    expect(phone.at).toBe('ready')
    expect(done.slice(-2)).toEqual(['stopRinging', 'soundOff'])
  })

  it('does not mind what is said of another call', () => {
    expect(walk('seat', start, registered, ring, said({ type: 'stop_ringing', callId: 'c0', cause: 'cancel' })).phone.at).toBe('ringing')
    expect(walk('seat', start, registered, ring, { type: 'answer' }, answered, said({ type: 'ended', callId: 'c0', cause: 'bye' })).phone.at).toBe('talking')
  })

  it('looks for its line again by itself, each time with more patience', () => {
    const { phone, effects } = walk('seat', start, lost(1), lost(2), { type: 'noEntry', reason: 'network.unreachable', canRetry: true })
    expect(phone).toEqual({ at: 'connecting', tries: 3 })
    expect(effects.flatMap((effect) => (effect.do === 'connect' ? [effect.tries] : []))).toEqual([0, 1, 2, 3])
    expect(walk('seat', start, { type: 'noEntry', reason: 'session.missing', canRetry: false }).phone.at).toBe('failed')
  })

  it('stops ringing when its network goes away', () => {
    expect(walk('seat', start, registered, ring, lost(1)).done).toContain('stopRinging')
  })

  it('gives way to another tab, stays away, and comes back when asked', () => {
    const moved = walk('seat', start, registered, answered, said({ type: 'taken_over' }), lost(1))
    expect(moved.phone).toEqual({ at: 'moved' })
    expect(moved.done.slice(-3)).toEqual(['stopRinging', 'soundOff', 'disconnect'])
    expect(next('seat', moved.phone, start)[0].at).toBe('connecting')
  })

  it('takes up the call that another tab had', () => {
    expect(walk('seat', start, registered, answered).done).toContain('soundOn')
  })

  it('keeps its call through a lost network, and looks for the line when it is gone', () => {
    const away = [start, registered, ring, { type: 'answer' } as const, answered, lost(1_000)]
    expect(walk('seat', ...away, registered, answered).phone.at).toBe('talking')
    expect(walk('seat', ...away, lost(20_000)).phone.at).toBe('connecting')
    expect(walk('seat', ...away, said({ type: 'refused', reason: 'phone.call_gone' })).phone.at).toBe('connecting')
  })

  it('hangs up as soon as the network is back', () => {
    const { done } = walk('seat', start, registered, answered, lost(1_000), { type: 'hangUp' }, answered)
    expect(done.at(-1)).toBe('hang_up')
  })
})

it('a phone that is off or at rest hears nothing, and off is off from everywhere', () => {
  const everywhere: Phone[] = [OFF, { at: 'moved' }, { at: 'over', cause: 'bye' }, { at: 'failed', reason: 'x' }]
  for (const phone of everywhere) {
    for (const kind of ['citizen', 'seat'] as const) {
      for (const happening of [answered, ring, registered, lost(1), { type: 'hangUp' } as const]) expect(next(kind, phone, happening)).toEqual([phone])
      expect(next(kind, phone, { type: 'stop' })[0]).toBe(OFF)
    }
  }
  expect(everywhere.filter(isAtRest)).toHaveLength(3)
})
