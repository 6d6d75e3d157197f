/** A text field whose content outlives a reload: written through to the draft store on every key. */
import { ref, watch, type Ref } from 'vue'
import { useSession } from '@/shared/session/sessionStore'
import { DraftStore, type DraftKind } from './draftStore'

export function useDraft(ticketId: () => string, kind: DraftKind, storage: Storage = localStorage): { text: Ref<string>; clear: () => void } {
  const drafts = new DraftStore(storage, useSession().personId)
  const text = ref('')
  watch(ticketId, (id) => (text.value = drafts.read(id, kind)), { immediate: true })
  watch(text, (value) => drafts.write(ticketId(), kind, value), { flush: 'sync' })
  return { text, clear: () => (text.value = '') }
}
