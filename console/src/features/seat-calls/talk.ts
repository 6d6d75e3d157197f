/** How a talk stands, as its process told it, and whether what was asked of it has come about. */
import type { SeatCall, SeatOrderKind } from '@/shared/api/types'

export interface Talk {
  isHeld: boolean
  isMuted: boolean
  isRecording: boolean
  isRecordingPaused: boolean
  guests: string[]
  /** The third party that could not be reached just now. */
  failedGuest: FailedGuest | null
  /** What its person wanted last, when it came to nothing: all stands as before. */
  failedOrder: string | null
}

export interface FailedGuest {
  number: string
  /** A dial's failure by name (`busy`); empty when the process gave none. */
  reason: string
}

/** What its person wants of a talk. */
export interface Order {
  kind: SeatOrderKind
  target: string
}

/** Before the talk begins nothing is known of it. */
export function talkOf(raw: SeatCall['talk']): Talk {
  return {
    isHeld: raw.is_held === true,
    isMuted: raw.is_muted === true,
    isRecording: raw.is_recording === true,
    isRecordingPaused: raw.is_recording_paused === true,
    guests: Array.isArray(raw.guests) ? raw.guests.filter((guest): guest is string => typeof guest === 'string') : [],
    failedGuest: typeof raw.failed_guest === 'string' ? failedGuest(raw.failed_guest) : null,
    failedOrder: typeof raw.failed_order === 'string' ? raw.failed_order : null,
  }
}

function failedGuest(text: string): FailedGuest {
  const [number = '', reason = ''] = text.split(': ', 2)
  return { number, reason }
}

/** The screen shows an order as under way until this is so: it has come about, or is known not to. */
export function isObeyed(order: Order, call: SeatCall | null): boolean {
  if (call?.status !== 'talking') return true
  const talk = talkOf(call.talk)
  if (talk.failedOrder === order.kind) return true
  switch (order.kind) {
    case 'hold':
    case 'resume':
      return talk.isHeld === (order.kind === 'hold')
    case 'mute':
    case 'unmute':
      return talk.isMuted === (order.kind === 'mute')
    case 'pause_recording':
    case 'resume_recording':
      return talk.isRecordingPaused === (order.kind === 'pause_recording')
    case 'invite':
      return talk.guests.includes(order.target) || talk.failedGuest?.number === order.target
    case 'remove_guest':
      return !talk.guests.includes(order.target)
    default:
      return false // hang_up, transfer, hand_over: the status says it
  }
}

/** A number that may be brought in: the API takes digits, with a leading `+`. Spaces and hyphens are how people write. */
export function guestNumber(typed: string): string | null {
  const number = typed.replace(/[\s-]/g, '')
  return /^\+?[0-9]{2,19}$/.test(number) ? number : null
}
