import { describe, expect, it } from 'vitest'
import type { Evidence, SlotView } from '@/shared/api/types'
import { dangerIn, isUndecided, saidAt, valueOf } from '@/features/ticket/slotWords'

const TEXT = '有人受伤，快来'
const reading = [{ text: TEXT, first_word: 0, end_word: 1, kind: 'words' as const, redaction: null }]

function evidence(words: string): Evidence {
  const start = TEXT.indexOf(words)
  return { start_char: start, end_char: start + words.length, first_word: 0, end_word: 1, start_ms: 0, end_ms: 100 }
}

function slot(kind: SlotView['kind'], value: string, label: string, words: string, more: Partial<SlotView> = {}): SlotView {
  const candidate = { value, label, confidence: 0.9, evidence: [evidence(words)], reason: '', needs_person: false }
  return { kind, candidates: [candidate], decision: null, may_be_acted_upon: true, ...more }
}

const decided = (value: string) => ({ value, label: value, by: { id: 'p', display_name: 'P' }, at: '2026-03-02T04:00:00Z' })
const injury = slot('emergency', 'injury', '人员受伤', '有人受伤')

describe('danger', () => {
  it('is an emergency word, with the words that were said', () => {
    expect(dangerIn({ reading, slots: [injury] })).toEqual({ why: '人员受伤', words: ['有人受伤'] })
  })

  it('is a red urgency too', () => {
    expect(dangerIn({ reading, slots: [slot('urgency', 'red', '红：危险', '快来')] })).toEqual({ why: '红：危险', words: ['快来'] })
  })

  it('is nothing less than red', () => {
    expect(dangerIn({ reading, slots: [slot('urgency', 'yellow', '黄', '快来')] })).toBeNull()
    expect(dangerIn({ reading, slots: [] })).toBeNull()
  })

  it('is called off by a person alone', () => {
    const calm = slot('urgency', 'red', '红', '快来', { decision: decided('green') })
    expect(dangerIn({ reading, slots: [calm, injury] })).toBeNull()
    expect(dangerIn({ reading, slots: [slot('urgency', 'green', '绿', '快来'), injury] })).not.toBeNull()
  })
})

describe('a field', () => {
  it('knows the words it came from', () => {
    expect(saidAt({ reading }, evidence('受伤'))).toBe('受伤')
  })

  it('has a person’s word before the machine’s', () => {
    expect(valueOf(injury)?.value).toBe('injury')
    expect(valueOf({ ...injury, decision: decided('fire') })?.value).toBe('fire')
    expect(valueOf(undefined)).toBeNull()
  })

  it('is undecided while nobody may act upon it', () => {
    expect([isUndecided(injury), isUndecided({ ...injury, may_be_acted_upon: false })]).toEqual([false, true])
  })
})
