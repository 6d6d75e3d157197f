/** What is on this person's desk now: offered and accepted tickets, callbacks, and what was finished lately. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api, dataOf } from '@/shared/api/client'
import type { CallbackTask, TicketRow, TicketStatus } from '@/shared/api/types'
import { arrivalsBetween, type Arrivals } from './arrivals'

/** Shown last: nothing is left to do for the holder. */
const FINISHED = new Set<TicketStatus>(['resolved', 'revisit', 'closed'])
const NOTHING: Arrivals = { tickets: [], callbacks: [] }

export const useWork = defineStore('work', () => {
  const tickets = shallowRef<TicketRow[]>([])
  const callbacks = shallowRef<CallbackTask[]>([])
  const isLoaded = ref(false)
  /** Arrived and not looked at yet: highlighted in the list. */
  const fresh = ref(new Set<string>())

  const offered = computed(() =>
    tickets.value
      .filter((ticket) => ticket.offer_expires_at !== null)
      .sort((one, other) => Date.parse(one.offer_expires_at ?? '') - Date.parse(other.offer_expires_at ?? '')),
  )
  const taken = computed(() => tickets.value.filter((ticket) => ticket.offer_expires_at === null))
  const accepted = computed(() => taken.value.filter((ticket) => !FINISHED.has(ticket.status)))
  const finished = computed(() => taken.value.filter((ticket) => FINISHED.has(ticket.status)))

  /** Loads both lists; what is new since the last time is the answer (nothing, the first time). */
  async function load(): Promise<Arrivals> {
    const [mine, tasks] = await Promise.all([
      dataOf(api.GET('/api/v1/tickets', { params: { query: { scope: 'mine', limit: 100 } } })),
      dataOf(api.GET('/api/v1/callback-tasks', { params: { query: { scope: 'mine', status: 'with_person', limit: 100 } } })),
    ])
    const before = { tickets: tickets.value, callbacks: callbacks.value }
    tickets.value = mine.items
    callbacks.value = tasks.items
    if (!isLoaded.value) {
      isLoaded.value = true
      return NOTHING
    }
    const arrivals = arrivalsBetween(before, { tickets: mine.items, callbacks: tasks.items })
    for (const item of [...arrivals.tickets, ...arrivals.callbacks]) fresh.value.add(item.id)
    return arrivals
  }

  function seen(id: string): void {
    fresh.value.delete(id)
  }

  return { offered, accepted, finished, callbacks, fresh, isLoaded, load, seen }
})
