/**
 * The phone as a table of states: what happened → the next state and what to do. Pure; phoneLine.ts does it.
 *
 * One machine for both pages. A citizen's call begins with `start` and ends for good; a seat's phone is `ready` between
 * calls and comes back by itself.
 */
import type { LiveCall, Ring, Said, Told } from './words'

export type Kind = 'citizen' | 'seat'

export type Phone =
  | { at: 'off' }
  | { at: 'connecting'; tries: number }
  | { at: 'ready' }
  | { at: 'ringing'; ring: Ring }
  /** The seat has said yes; the line has not answered yet. */
  | { at: 'answering'; ring: Ring }
  | { at: 'calling'; call: LiveCall }
  | { at: 'talking'; call: LiveCall; isLineSpeaking: boolean }
  /** The network is away; the line keeps the call until `untilMs`. */
  | { at: 'away'; call: LiveCall; untilMs: number; tries: number; isHangingUp: boolean }
  /** Another tab is the phone now. */
  | { at: 'moved' }
  | { at: 'over'; cause: string }
  | { at: 'failed'; reason: string }

export type Happening =
  | { type: 'start' }
  | { type: 'stop' }
  | { type: 'said'; said: Said }
  /** The socket is gone, or never came. */
  | { type: 'lost'; nowMs: number }
  /** No token could be had: the API said why. `canRetry`: the network, not a no. */
  | { type: 'noEntry'; reason: string; canRetry: boolean }
  | { type: 'answer' }
  | { type: 'decline' }
  | { type: 'hangUp' }
  | { type: 'digit'; digit: string }

export type Effect =
  /** Open a socket after a while: with a new token, or back to the call. */
  | { do: 'connect'; back: LiveCall | null; tries: number }
  | { do: 'tell'; told: Told }
  | { do: 'disconnect' }
  | { do: 'ring'; ring: Ring }
  | { do: 'stopRinging' }
  | { do: 'soundOn' }
  | { do: 'soundOff' }

export type Step = [Phone, ...Effect[]]

export const OFF: Phone = { at: 'off' }
const CONNECT: Effect = { do: 'connect', back: null, tries: 0 }

export function next(kind: Kind, phone: Phone, happening: Happening): Step {
  switch (happening.type) {
    case 'start':
      return phone.at === 'off' || isAtRest(phone) ? [{ at: 'connecting', tries: 0 }, CONNECT] : [phone]
    case 'stop':
      return [OFF, { do: 'stopRinging' }, { do: 'soundOff' }, { do: 'disconnect' }]
    case 'said':
      return afterSaid(kind, phone, happening.said)
    case 'lost':
      return afterLost(kind, phone, happening.nowMs)
    case 'noEntry':
      return kind === 'seat' && happening.canRetry ? again(phone) : [{ at: 'failed', reason: happening.reason }, { do: 'soundOff' }]
    default:
      return afterPress(kind, phone, happening)
  }
}

/** Nothing more will happen by itself. */
export function isAtRest(phone: Phone): boolean {
  return phone.at === 'moved' || phone.at === 'over' || phone.at === 'failed'
}

function afterPress(kind: Kind, phone: Phone, press: Happening): Step {
  switch (press.type) {
    case 'answer':
      if (phone.at !== 'ringing') return [phone]
      return [{ at: 'answering', ring: phone.ring }, { do: 'stopRinging' }, { do: 'tell', told: { type: 'answer', call_id: phone.ring.callId } }]
    case 'decline':
      if (phone.at !== 'ringing') return [phone]
      return [{ at: 'ready' }, { do: 'stopRinging' }, { do: 'tell', told: { type: 'decline', call_id: phone.ring.callId } }]
    case 'digit':
      return phone.at === 'talking' ? [phone, { do: 'tell', told: { type: 'digit', digit: press.digit } }] : [phone]
    case 'hangUp':
      return afterHangUp(kind, phone)
    default:
      return [phone]
  }
}

function afterHangUp(kind: Kind, phone: Phone): Step {
  if (phone.at === 'calling' || phone.at === 'talking') return [phone, { do: 'tell', told: { type: 'hang_up' } }]
  // The line cannot be told now. A citizen leaves, and its patience ends the call; a seat tells it when it is back.
  if (phone.at === 'away') return kind === 'citizen' ? ended(kind, 'bye', { do: 'disconnect' }) : [{ ...phone, isHangingUp: true }]
  if (kind === 'citizen' && phone.at === 'connecting') return ended(kind, 'cancel', { do: 'disconnect' })
  return [phone]
}

function afterSaid(kind: Kind, phone: Phone, said: Said): Step {
  if (phone.at === 'off' || isAtRest(phone)) return [phone]
  switch (said.type) {
    case 'registered':
      return phone.at === 'connecting' ? [{ at: 'ready' }] : [phone]
    case 'calling':
      return [{ at: 'calling', call: said.call }]
    case 'answered':
      return afterAnswered(phone, said.call)
    case 'ring':
      return [
        { at: 'ringing', ring: said.ring },
        { do: 'tell', told: { type: 'ringing', call_id: said.ring.callId } },
        { do: 'ring', ring: said.ring },
      ]
    case 'stop_ringing':
    case 'ended':
      return afterEnd(kind, phone, said)
    case 'sound':
      return phone.at === 'talking' ? [{ ...phone, isLineSpeaking: said.isOn }] : [phone]
    case 'taken_over':
      return [{ at: 'moved' }, { do: 'stopRinging' }, { do: 'soundOff' }, { do: 'disconnect' }]
    case 'refused':
      return afterRefused(kind, phone, said.reason)
    default:
      return [phone]
  }
}

function afterEnd(kind: Kind, phone: Phone, said: { type: 'stop_ringing' | 'ended'; callId: string; cause: string }): Step {
  if (!isAbout(phone, said.callId)) return [phone]
  return said.type === 'ended' ? ended(kind, said.cause) : [{ at: 'ready' }, { do: 'stopRinging' }, { do: 'soundOff' }]
}

function afterAnswered(phone: Phone, call: LiveCall): Step {
  const talking: Phone = { at: 'talking', call, isLineSpeaking: false }
  if (phone.at === 'away' && phone.isHangingUp) return [talking, { do: 'tell', told: { type: 'hang_up' } }]
  return [talking, { do: 'stopRinging' }, { do: 'soundOn' }]
}

function afterRefused(kind: Kind, phone: Phone, reason: string): Step {
  if (phone.at === 'away') return ended(kind, 'network_lost', { do: 'disconnect' })
  if (kind === 'seat') return [phone] // its socket closes now, and it tries again with a new token
  return [{ at: 'failed', reason }, { do: 'soundOff' }, { do: 'disconnect' }]
}

function afterLost(kind: Kind, phone: Phone, nowMs: number): Step {
  switch (phone.at) {
    case 'calling':
    case 'talking': {
      const { call } = phone
      const away: Phone = { at: 'away', call, untilMs: nowMs + call.keptMs, tries: 0, isHangingUp: false }
      return [away, { do: 'connect', back: call, tries: 0 }]
    }
    case 'away':
      if (nowMs >= phone.untilMs) return ended(kind, 'network_lost')
      return [{ ...phone, tries: phone.tries + 1 }, { do: 'connect', back: phone.call, tries: phone.tries + 1 }]
    case 'connecting':
    case 'ready':
    case 'ringing':
    case 'answering':
      if (kind === 'citizen') return [{ at: 'failed', reason: 'network.unreachable' }, { do: 'soundOff' }]
      return again(phone)
    default:
      return [phone]
  }
}

/** The seat's phone looks for its line again, more patiently each time. */
function again(phone: Phone): Step {
  const tries = phone.at === 'connecting' ? phone.tries + 1 : 0
  return [{ at: 'connecting', tries }, { do: 'stopRinging' }, { do: 'soundOff' }, { do: 'connect', back: null, tries }]
}

function ended(kind: Kind, cause: string, ...more: Effect[]): Step {
  if (kind === 'citizen') return [{ at: 'over', cause }, { do: 'soundOff' }, ...more]
  // A seat whose call was lost with its network has to say hello again.
  const isConnected = more.length === 0 && cause !== 'network_lost'
  if (isConnected) return [{ at: 'ready' }, { do: 'stopRinging' }, { do: 'soundOff' }]
  return [{ at: 'connecting', tries: 0 }, { do: 'soundOff' }, ...more, CONNECT]
}

function isAbout(phone: Phone, callId: string): boolean {
  if (phone.at === 'ringing' || phone.at === 'answering') return phone.ring.callId === callId
  return (phone.at === 'calling' || phone.at === 'talking') && phone.call.callId === callId
}
