/** My call: the one that rings at me, that I am in, or that I write about; its words while they are spoken. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api, dataOf } from '@/shared/api/client'
import { ApiProblem, asProblem } from '@/shared/api/problem'
import type { SeatCall, WrapUpCode } from '@/shared/api/types'
import type { SpokenWords, TalkSoFar } from '@/shared/feed/messages'
import { heard, type Line } from './liveWords'
import { isObeyed, talkOf, type Order } from './talk'

/** An order that has come to nothing by then may be given again. */
const ORDER_PATIENCE_MS = 6_000
/** A third party's phone rings for so long. */
const INVITE_PATIENCE_MS = 50_000

export const useSeatCall = defineStore('seatCall', () => {
  const call = shallowRef<SeatCall | null>(null)
  /** The words of one talk; they may come before the call itself is loaded. */
  const words = shallowRef<{ callId: string; lines: Line[] }>({ callId: '', lines: [] })
  const lines = computed(() => (call.value?.call_id === words.value.callId ? words.value.lines : []))
  /** Given, and not obeyed yet. */
  const pending = shallowRef<Order[]>([])
  /** Somebody or something was faster; shown until it has been read. */
  const lostRace = ref<ApiProblem | null>(null)
  const talk = computed(() => talkOf(call.value?.talk ?? {}))

  async function load(): Promise<void> {
    const mine = await dataOf(api.GET('/api/v1/seat-calls/mine'))
    if (!mine) words.value = { callId: '', lines: [] }
    call.value = mine
    pending.value = pending.value.filter((order) => !isObeyed(order, mine))
  }

  function hear(spoken: SpokenWords | TalkSoFar): void {
    const callId = spoken.call_id
    const mine = call.value?.call_id
    if (callId !== mine && words.value.callId === mine) return // late words of the call before
    const before = spoken.kind === 'talk.words' && words.value.callId === callId ? words.value.lines : []
    const said = spoken.kind === 'talk.words' ? [spoken] : spoken.lines
    words.value = { callId, lines: said.reduce(heard, before) }
  }

  function isPending(...kinds: Order['kind'][]): boolean {
    return pending.value.some((order) => kinds.includes(order.kind))
  }

  async function give(order: Order): Promise<void> {
    const callId = call.value?.call_id
    if (!callId) return
    pending.value = [...pending.value, order]
    setTimeout(() => forget(order), order.kind === 'invite' ? INVITE_PATIENCE_MS : ORDER_PATIENCE_MS)
    const ordered = api.POST('/api/v1/seat-calls/{call_id}/orders', { params: { path: { call_id: callId } }, body: order })
    let isGiven = false
    try {
      isGiven = await orLost(dataOf(ordered))
    } finally {
      if (!isGiven) forget(order)
    }
  }

  function forget(order: Order): void {
    pending.value = pending.value.filter((each) => each !== order)
  }

  /** False: the wrap-up was not taken, because the call has moved on. The call stays on the screen until it is loaded. */
  async function wrapUp(callId: string, code: WrapUpCode, note: string): Promise<boolean> {
    const written = api.POST('/api/v1/seat-calls/{call_id}/wrap-up', { params: { path: { call_id: callId } }, body: { code, note } })
    return orLost(dataOf(written))
  }

  /** Whether it was taken. A lost race is told plainly and the call loaded anew; any other refusal is thrown. */
  async function orLost(answer: Promise<unknown>): Promise<boolean> {
    try {
      await answer
      return true
    } catch (error) {
      const problem = asProblem(error)
      if (!problem.isConflict && !problem.isNotFound) throw problem
      lostRace.value = problem
      await load()
      return false
    }
  }

  return { call, lines, talk, pending, lostRace, load, hear, isPending, give, wrapUp }
})
