/** What the line says and is told (docs/web-phone.md). */

export interface Ring {
  callId: string
  /** The facts of the call that may be shown, by name. */
  facts: Record<string, string>
  endsAtMs: number
}

/** A call on the line; with its secret the page comes back to it after the network was away. */
export interface LiveCall {
  callId: string
  secret: string
  keptMs: number
}

export type Said =
  | { type: 'registered' }
  | { type: 'taken_over' }
  | { type: 'calling' | 'answered'; call: LiveCall }
  | { type: 'ring'; ring: Ring }
  | { type: 'stop_ringing'; callId: string; cause: string }
  | { type: 'ended'; callId: string; cause: string }
  | { type: 'sound'; isOn: boolean }
  | { type: 'refused'; reason: string }
  | { type: 'pong' }
  | { type: 'other' }

export type Told =
  | { type: 'hello'; token: string }
  | { type: 'resume'; call_id: string; secret: string }
  | { type: 'ringing' | 'answer' | 'decline'; call_id: string }
  | { type: 'digit'; digit: string }
  | { type: 'hang_up' }
  | { type: 'ping'; number: number }

const NOT_FACTS = new Set(['type', 'call_id', 'ring_s'])

/** A text of the line; one that a newer line may say and we do not know is `other`. */
export function readSaid(data: string, nowMs: number): Said {
  const message = parsed(data)
  const text = (name: string) => (typeof message[name] === 'string' ? message[name] : '')
  const number = (name: string) => (typeof message[name] === 'number' ? message[name] : 0)
  switch (message.type) {
    case 'registered':
    case 'taken_over':
    case 'pong':
      return { type: message.type }
    case 'calling':
    case 'answered':
      return {
        type: message.type,
        call: { callId: text('call_id'), secret: text('secret'), keptMs: number('resume_within_s') * 1000 },
      }
    case 'ring': {
      const shown = Object.entries(message).filter(([name, value]) => typeof value === 'string' && !NOT_FACTS.has(name))
      const facts = Object.fromEntries(shown) as Record<string, string>
      return { type: 'ring', ring: { callId: text('call_id'), facts, endsAtMs: nowMs + number('ring_s') * 1000 } }
    }
    case 'stop_ringing':
    case 'ended':
      return { type: message.type, callId: text('call_id'), cause: text('cause') }
    case 'sound':
      return { type: 'sound', isOn: message.on === true }
    case 'refused':
      return { type: 'refused', reason: text('reason') }
    default:
      return { type: 'other' }
  }
}

function parsed(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
