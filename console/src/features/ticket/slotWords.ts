/** Reading the slots of a transcript: what was decided, what was said, and whether somebody is in danger. */
import type { Evidence, SlotView, TranscriptView } from '@/shared/api/types'

export interface Danger {
  why: string
  words: string[]
}

/** The words behind a slot, as the reading text shows them. */
export function saidAt(transcript: Pick<TranscriptView, 'reading'>, evidence: Evidence): string {
  const text = transcript.reading.map((piece) => piece.text).join('')
  return text.slice(evidence.start_char, evidence.end_char)
}

/** A person's word where there is one, else what the machine found first. */
export function valueOf(slot: SlotView | undefined): { value: string; label: string } | null {
  return slot?.decision ?? slot?.candidates[0] ?? null
}

/** Red urgency or an emergency word, unless a person has decided otherwise. */
export function dangerIn(transcript: Pick<TranscriptView, 'reading' | 'slots'>): Danger | null {
  const slot = (kind: SlotView['kind']) => transcript.slots.find((each) => each.kind === kind)
  const urgency = valueOf(slot('urgency'))
  const emergency = slot('emergency')
  const isRed = urgency?.value === 'red'
  const isCalledOff = slot('urgency')?.decision && !isRed
  if (isCalledOff || (!isRed && !emergency?.candidates.length)) return null
  const grounds = (emergency ?? slot('urgency'))?.candidates.flatMap((candidate) => candidate.evidence) ?? []
  const words = [...new Set(grounds.map((each) => saidAt(transcript, each)).filter(Boolean))]
  const why = [isRed ? urgency.label : '', ...(emergency?.candidates.map((candidate) => candidate.label) ?? [])]
  return { why: [...new Set(why.filter(Boolean))].join(' · '), words }
}

/** Nobody may act upon it yet: not sure enough, and no person has decided. */
export function isUndecided(slot: SlotView): boolean {
  return !slot.may_be_acted_upon
}
