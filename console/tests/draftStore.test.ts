import { beforeEach, describe, expect, it } from 'vitest'
import { DraftStore } from '@/shared/drafts/draftStore'

describe('a draft', () => {
  beforeEach(() => localStorage.clear())

  it('is there again after a reload', () => {
    new DraftStore(localStorage, 'p1').write('t1', 'note', '已联系物业')
    expect(new DraftStore(localStorage, 'p1').read('t1', 'note')).toBe('已联系物业')
  })

  it('belongs to one ticket, one kind and one person: a shared machine shows nobody another’s words', () => {
    new DraftStore(localStorage, 'p1').write('t1', 'note', '草稿')
    expect(new DraftStore(localStorage, 'p1').read('t1', 'resolution')).toBe('')
    expect(new DraftStore(localStorage, 'p1').read('t2', 'note')).toBe('')
    expect(new DraftStore(localStorage, 'p2').read('t1', 'note')).toBe('')
  })

  it('leaves nothing behind once it is sent', () => {
    const drafts = new DraftStore(localStorage, 'p1')
    drafts.write('t1', 'resolution', '已修复')
    drafts.clear('t1', 'resolution')
    expect(localStorage).toHaveLength(0)
  })

  it('does not stop the writer when the storage is full or switched off', () => {
    const refuse = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    const drafts = new DraftStore({ getItem: refuse, setItem: refuse, removeItem: refuse }, 'p1')
    drafts.write('t1', 'note', '草稿')
    expect(drafts.read('t1', 'note')).toBe('')
  })
})
