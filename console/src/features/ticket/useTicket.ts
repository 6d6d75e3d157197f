/** One ticket as the screen knows it: kept fresh by the feed, and honest when it has moved on to somebody else. */
import { ref, shallowRef } from 'vue'
import { api, dataOf } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import type { MoveBody, SlotKind, TicketDetails } from '@/shared/api/types'
import { useReload, type Reloading } from '@/shared/feed/useReload'
import { showProblem } from '@/shared/ui/notices'

/** Confirm the machine's candidate number `choice`, or set another value. */
export type SlotDecision = { choice: number } | { label: string }

/** One of the moves that the server offers, with what it needs. */
export type Move = MoveBody

type Act = (path: { ticket_id: string }) => Promise<TicketDetails>

export function useTicket(ticketId: string) {
  const details = shallowRef<TicketDetails | null>(null)
  /** Seen before, not ours any more. */
  const hasMovedOn = ref(false)
  const isActing = ref(false)

  const reloading: Reloading = useReload(load, (event) => event.id !== null && event.ticket_id === ticketId)

  async function load(): Promise<void> {
    try {
      details.value = await dataOf(api.GET('/api/v1/tickets/{ticket_id}', { params: { path: { ticket_id: ticketId } } }))
      hasMovedOn.value = false
    } catch (error) {
      if (!(error instanceof ApiProblem) || !error.isNotFound || !details.value) throw error
      hasMovedOn.value = true
    }
  }

  /** Does one action; true when it is done. A refusal is shown, and the ticket fetched as it is now. */
  async function act(action: Act): Promise<boolean> {
    isActing.value = true
    try {
      details.value = await action({ ticket_id: ticketId })
      return true
    } catch (error) {
      showProblem(error)
      await reloading.reload()
      return false
    } finally {
      isActing.value = false
    }
  }

  const accept = (offerNo: number) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/accept', { params: { path }, body: { offer_no: offerNo } })))
  const addNote = (text: string) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/note', { params: { path }, body: { text } })))
  const resolve = (resolution: string) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/resolve', { params: { path }, body: { resolution } })))
  const correct = (text: string, base: number) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/correction', { params: { path }, body: { text, base } })))
  const decide = (kind: SlotKind, decision: SlotDecision) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/slots/{kind}', { params: { path: { ...path, kind } }, body: { choice: 0, ...decision } })))

  const move = (wanted: Move) =>
    act((path) => dataOf(api.POST('/api/v1/tickets/{ticket_id}/moves', { params: { path }, body: { ...wanted, seen_offer_no: details.value?.ticket.offer_no } })))

  return { details, hasMovedOn, isActing, move, accept, addNote, resolve, correct, decide, ...reloading }
}
