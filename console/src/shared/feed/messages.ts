/** What the server says on the feed (the words are described in app/api/feed_messages.py). */

/** A change of a ticket this person may know of; its id orders the timeline and is the resume cursor. */
export interface TicketEvent {
  id: number
  kind: 'ticket.offered' | 'ticket.assigned' | 'ticket.withdrawn' | 'ticket.queued' | 'ticket.changed'
  ticket_id: string
  number: string
}

/** "Load that list again"; never repeated after a resume. */
export interface Hint {
  id: null
  kind: 'callback.changed' | 'presence.changed' | 'call.changed' | 'seat_call.changed'
}

/** What is said in my talk right now; a later one of the same side replaces it until it is final. Sent once or never. */
export interface SpokenWords {
  id: null
  kind: 'talk.words'
  call_id: string
  side: 'agent' | 'citizen'
  text: string
  is_final: boolean
}

/** What was said in my talk before this page was there; what the page has of it is replaced. */
export interface TalkSoFar {
  id: null
  kind: 'talk.so_far'
  call_id: string
  lines: Pick<SpokenWords, 'side' | 'text' | 'is_final'>[]
}

export type FeedEvent = TicketEvent | Hint | SpokenWords | TalkSoFar

export interface Hello {
  cursor: number
  isComplete: boolean
}

export type FeedMessage = { type: 'hello'; hello: Hello } | { type: 'event'; event: FeedEvent } | { type: 'other' }

/** Kinds that this console does not know yet pass as `other`: a newer server does not break an open page. */
export function parseFeedMessage(data: unknown): FeedMessage {
  const message = parsed(data)
  if (message?.type === 'hello' && typeof message.cursor === 'number') {
    return { type: 'hello', hello: { cursor: message.cursor, isComplete: message.is_complete !== false } }
  }
  if (message?.type === 'event' && typeof message.kind === 'string') {
    if (typeof message.id === 'number' && typeof message.ticket_id === 'string') {
      return { type: 'event', event: message as unknown as TicketEvent }
    }
    if (message.id === null) return { type: 'event', event: message as unknown as Hint | SpokenWords | TalkSoFar }
  }
  return { type: 'other' }
}

function parsed(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
