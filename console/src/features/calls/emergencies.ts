/** Which calls a supervisor still has to be told of: words of danger, spoken lately, and not noted by him yet. */
import type { CallRow } from '@/shared/api/types'

/** A call in which nothing was done for so long is work for the call log, not for a banner. */
export const SHOWN_FOR_MS = 3_600_000
const KEPT = 'hotline.emergenciesNoted'

export function unnoted(calls: readonly CallRow[], noted: ReadonlySet<string>): CallRow[] {
  return calls.filter((call) => !noted.has(mark(call)))
}

/** A call that brings a new word is to be seen anew. */
export function mark(call: CallRow): string {
  return `${call.id}:${call.emergency_words.length}`
}

export function readNoted(): Set<string> {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as string[])
  } catch {
    return new Set()
  }
}

export function keepNoted(noted: ReadonlySet<string>): void {
  sessionStorage.setItem(KEPT, JSON.stringify([...noted].slice(-200)))
}
