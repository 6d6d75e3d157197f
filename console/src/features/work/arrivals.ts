/** What came in between two looks at one's own work: a ticket newly offered or assigned, a callback newly owned. */

interface OfferedTicket {
  id: string
  number: string
  offer_no: number
  offer_expires_at: string | null
}

interface Task {
  id: string
}

export interface Arrivals<T extends OfferedTicket = OfferedTicket, C extends Task = Task> {
  tickets: T[]
  callbacks: C[]
}

export function arrivalsBetween<T extends OfferedTicket, C extends Task>(before: Arrivals<T, C>, now: Arrivals<T, C>): Arrivals<T, C> {
  const offers = new Map(before.tickets.map((ticket) => [ticket.id, ticket.offer_no]))
  const tasks = new Set(before.callbacks.map((task) => task.id))
  return {
    // The same ticket offered once more (a reopening) arrives again; accepting it is no arrival.
    tickets: now.tickets.filter(
      (ticket) => !offers.has(ticket.id) || (ticket.offer_expires_at !== null && offers.get(ticket.id) !== ticket.offer_no),
    ),
    callbacks: now.callbacks.filter((task) => !tasks.has(task.id)),
  }
}
