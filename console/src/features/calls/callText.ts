/** Spans of a call in words of the table, and what the filters ask for. */
import type { CallDirection, CallOutcome, CallRow } from '@/shared/api/types'
import { formatSpan } from '@/shared/time/format'

export interface CallQuery {
  from?: string
  to?: string
  outcome?: CallOutcome
  direction?: CallDirection
  caller?: string
}

type Times = Pick<CallRow, 'started_at' | 'answered_at' | 'ended_at'>

/** Seconds from the ring to the answer with one decimal; null when it was not answered. */
export function answerText(call: Times): string | null {
  if (!call.answered_at) return null
  return `${((Date.parse(call.answered_at) - Date.parse(call.started_at)) / 1_000).toFixed(1)} s`
}

/** How long people talked; a dash while the call goes on or when it was not answered. */
export function talkText(call: Times): string {
  if (!call.answered_at || !call.ended_at) return '—'
  return formatSpan(Date.parse(call.ended_at) - Date.parse(call.answered_at))
}
