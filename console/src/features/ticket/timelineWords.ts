/** A timeline row in words. What the console does not know yet is shown by its own name, never hidden. */
import type { TimelineEntry } from '@/shared/api/types'

interface Language {
  t: (key: string, named?: Record<string, unknown>) => string
  te: (key: string) => boolean
}

export interface TimelineWords {
  title: string
  mood: 'plain' | 'trouble' | 'done'
  lines: string[]
}

const TROUBLE = new Set(['missed', 'queued', 'warned', 'breached', 'reopen'])
const DONE = new Set(['resolve', 'close'])

export function explain(entry: TimelineEntry, language: Language): TimelineWords {
  const lines = [heirs(entry, language), ...reasons(entry.details, language)]
  return {
    title: word('timeline', entry.action, language),
    mood: TROUBLE.has(entry.action) ? 'trouble' : DONE.has(entry.action) ? 'done' : 'plain',
    lines: lines.filter((line) => line !== ''),
  }
}

/** Holder before and after, where the row changed it. */
function heirs(entry: TimelineEntry, { t }: Language): string {
  const isSame = entry.from_person?.id === entry.to_person?.id && entry.from_department === entry.to_department
  if (entry.action === 'created' || isSame) return ''
  const role = typeof entry.details.role === 'string' ? t(`seatRole.${entry.details.role}`) : ''
  const nobody = t(entry.to_status === 'grabbing' ? 'ticket.onGrabBoard' : 'ticket.supervisorQueue')
  const from = entry.from_department ?? entry.from_person?.display_name ?? ''
  const to = entry.to_department ?? (entry.to_person ? [entry.to_person.display_name, role].filter(Boolean).join(' ') : nobody)
  return t('ticket.fromTo', { from, to }).trim()
}

function reasons(details: Record<string, unknown>, language: Language): string[] {
  const { t } = language
  const lines: string[] = []
  if (typeof details.clock === 'string') lines.push(word('clock', details.clock, language))
  if (typeof details.reason === 'string') {
    const group = language.te(`missReason.${details.reason}`) ? 'missReason' : 'queueReason'
    lines.push(t('ticket.reason', { reason: word(group, details.reason, language) }))
  }
  if (typeof details.original_reason === 'string') lines.push(t('ticket.reason', { reason: word('originalReason', details.original_reason, language) }))
  if (typeof details.slot === 'string') lines.push(word('slotKind', details.slot, language))
  for (const skipped of Array.isArray(details.skipped) ? (details.skipped as unknown[]) : []) {
    if (isSkipped(skipped)) {
      const reason = word('missReason', skipped.reason, language)
      lines.push(t('ticket.skipped', { role: word('seatRole', skipped.role, language), reason }))
    }
  }
  return lines
}

function word(group: string, key: string, { t, te }: Language): string {
  return te(`${group}.${key}`) ? t(`${group}.${key}`) : key
}

function isSkipped(value: unknown): value is { role: string; reason: string } {
  return typeof value === 'object' && value !== null && 'role' in value && 'reason' in value
}
