/** What the wallboard reads out of the server's figures: shares, and times that run on between two answers. */
import type { FailedOrder, SeatCall, Wallboard } from '@/shared/api/types'

/** How long the first in line has waited by now. */
export function longestWaitMs(board: Wallboard, now: number): number {
  if (board.waiting === 0) return 0
  return board.longest_wait_s * 1_000 + Math.max(0, now - Date.parse(board.at))
}

/** Of the calls answered today, how many percent within 15 s; null: none was answered. */
export function atOncePercent(board: Pick<Wallboard, 'answered' | 'answered_at_once'>): number | null {
  return board.answered === 0 ? null : Math.round((100 * board.answered_at_once) / board.answered)
}

/** Since when a call stands as it stands; in the line it is since the caller came. */
export function standsSince(call: Pick<SeatCall, 'status' | 'joined_at' | 'talked_from' | 'talked_until'>): string {
  if (call.status === 'talking') return call.talked_from ?? call.joined_at
  if (call.status === 'wrap_up') return call.talked_until ?? call.joined_at
  return call.joined_at
}

/** `busy` of `seat_order.busy`. */
export function failureWord(order: Pick<FailedOrder, 'code'>): string {
  return order.code.split('.').at(-1) ?? ''
}
