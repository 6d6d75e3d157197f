import { describe, expect, it } from 'vitest'
import { mark, unnoted } from '@/features/calls/emergencies'
import type { CallRow } from '@/shared/api/types'

const call = (id: string, ...words: string[]) => ({ id, emergency_words: words }) as CallRow

describe('a supervisor is told', () => {
  it('of every call he has not noted', () => {
    const [fire, injury] = [call('a', '着火'), call('b', '受伤')]
    expect(unnoted([fire, injury], new Set([mark(fire)])).map((each) => each.id)).toEqual(['b'])
  })

  it('again when a noted call brings a new word', () => {
    const noted = new Set([mark(call('a', '着火'))])
    expect(unnoted([call('a', '着火', '受伤')], noted)).toHaveLength(1)
  })
})
