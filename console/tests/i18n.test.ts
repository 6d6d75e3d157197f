import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import openapi from '../../docs/openapi.json'
import { setLanguage, i18n } from '@/shared/i18n'
import { en } from '@/shared/i18n/en'
import { zhCN } from '@/shared/i18n/zh-CN'

interface Tree { [key: string]: string | Tree }

function flat(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key
    if (typeof value === 'string') found.set(here, value)
    else for (const [below, text] of flat(value, here)) found.set(below, text)
  }
  return found
}

const chinese = flat(zhCN)
const english = flat(en)
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

const root = join(import.meta.dirname, '..', 'src')
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(vue|ts)$/.test(path) && !path.startsWith(join('shared', 'i18n')))
  .map((path) => readFileSync(join(root, path), 'utf8'))

describe('both languages', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('leave no text empty', () => {
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
  })

  it('use the same placeholders', () => {
    for (const [key, text] of chinese) expect(placeholders(english.get(key) ?? ''), key).toEqual(placeholders(text))
  })

  it('hold only texts that can be shown: some signs mean something in a message', () => {
    for (const language of ['zh-CN', 'en'] as const) {
      setLanguage(language)
      for (const key of chinese.keys()) expect(() => i18n.global.t(key), key).not.toThrow()
    }
  })

  it('have no Chinese left in English, except the name of the other language', () => {
    for (const [key, text] of english) if (key !== 'app.otherLanguage') expect(text, key).not.toMatch(/\p{Script=Han}/u)
  })

  it('can be switched, and the choice is remembered', () => {
    setLanguage('en')
    expect(i18n.global.t('ticket.accept')).toBe('Accept')
    expect(localStorage.getItem('hotline.language')).toBe('en')
    setLanguage('zh-CN')
    expect(i18n.global.t('ticket.accept')).toBe('受理')
    expect(document.documentElement.lang).toBe('zh-CN')
  })
})

describe('keys', () => {
  it('that the screens ask for exist', () => {
    const asked = sources.flatMap((source) => [...source.matchAll(/\bt\('([\w.]+)'/g)].map((match) => match[1] ?? ''))
    expect(asked.length).toBeGreaterThan(100)
    expect(asked.filter((key) => !chinese.has(key))).toEqual([])
  })

  it('built from a value of the API exist for every value of it', () => {
    const groups: Record<string, string | string[]> = {
      Role: 'role',
      PresenceState: 'presence',
      TicketStatus: 'ticketStatus',
      SeatRole: 'seatRole',
      TextSource: 'textSource',
      RatingSource: 'ratingSource',
      CallDirection: 'callDirection',
      CallStatus: 'callStatus',
      CallOutcome: 'callOutcome',
      HangupBy: 'hangupBy',
      CallbackKind: 'callbackKind',
      CallbackStatus: 'callbackStatus',
      Disposition: 'disposition',
      Speaker: 'speaker',
      SlotKind: 'slotKind',
      RedactionKind: 'redactionKind',
      QualityFlag: 'qualityFlag',
      OriginalReason: 'originalReason',
      SeatCallStatus: 'seatCallStatus',
      WrapUpCode: 'wrapUpCode',
      MissReason: ['missReason', 'awayReason'],
    }
    const schemas = openapi.components.schemas as unknown as Record<string, { enum?: string[] }>
    for (const [schema, named] of Object.entries(groups)) {
      const values = schemas[schema]?.enum ?? []
      expect(values, schema).not.toEqual([])
      const keys = [named].flat().flatMap((group) => values.map((value) => `${group}.${value}`))
      expect(keys.filter((key) => !chinese.has(key))).toEqual([])
    }
  })

  it('of the shipped clocks exist', () => {
    const file = readFileSync(join(root, '..', '..', 'config', 'clocks.toml'), 'utf8')
    const kinds = [...file.matchAll(/^\[clocks\.(\w+)\]/gm)].map((match) => `clock.${match[1]}`)
    expect(kinds).not.toEqual([])
    expect(kinds.filter((key) => !chinese.has(key))).toEqual([])
  })
})
