/** Whom work can be given to: everybody who is active, those on duty first, each with role, presence and load. */
import { api, dataOf } from '@/shared/api/client'
import type { DutyBoard, Person, PersonOnDuty } from '@/shared/api/types'

export interface Candidate {
  id: string
  name: string
  /** The post held now; null when not on duty. */
  post: { seat: string; role: 'a' | 'b' } | null
  onDuty: PersonOnDuty | null
}

export async function loadCandidates(): Promise<Candidate[]> {
  const [people, board] = await Promise.all([dataOf(api.GET('/api/v1/people')), dataOf(api.GET('/api/v1/duty'))])
  return candidatesFrom(people, board)
}

export function candidatesFrom(people: Person[], board: DutyBoard): Candidate[] {
  const posts = new Map<string, Pick<Candidate, 'post' | 'onDuty'>>()
  for (const seat of board.desks.flatMap((desk) => desk.seats)) {
    for (const role of ['a', 'b'] as const) {
      const person = seat[role]
      if (person && !posts.has(person.person_id)) posts.set(person.person_id, { post: { seat: seat.name, role }, onDuty: person })
    }
  }
  return people
    .filter((person) => person.is_active)
    .map((person) => ({ id: person.id, name: person.display_name, post: null, onDuty: null, ...posts.get(person.id) }))
    .sort((one, other) => Number(other.post !== null) - Number(one.post !== null))
}
