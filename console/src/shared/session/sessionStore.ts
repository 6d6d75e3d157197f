/** Who is signed in. The CSRF token lives in memory only; a reload asks the server again. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, dataOf, useCsrfToken } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import type { PresenceState, PresenceView, Session } from '@/shared/api/types'

export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null)
  const standing = ref<PresenceView | null>(null)

  const person = computed(() => session.value?.person ?? null)
  const personId = computed(() => session.value?.person.id ?? '')
  const isSupervisor = computed(() => person.value?.role === 'supervisor' || person.value?.role === 'admin')
  /** Handles for a department; has no seat. */
  const isHandler = computed(() => person.value?.role === 'handler')
  const presence = computed<PresenceState>(() => standing.value?.state ?? 'offline')
  /** Why the hotline has set this person away; null when it was his own choice. */
  const awayReason = computed(() => (presence.value === 'away' ? (standing.value?.away_reason ?? null) : null))
  /** Where calls for me ring: `browser:ID`, `sip:…`, a number; null: nowhere. */
  const phone = computed(() => standing.value?.phone ?? null)
  const isAdmin = computed(() => person.value?.role === 'admin')

  function take(found: Session | null): void {
    session.value = found
    standing.value = found?.presence ?? null
    useCsrfToken(found?.csrf_token ?? null)
  }

  /** Find out whether this browser is still signed in. */
  async function restore(): Promise<void> {
    try {
      take(await dataOf(api.GET('/api/v1/session')))
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      take(null)
    }
  }

  let asked: Promise<void> | null = null

  /** Once per page; without an answer the sign-in page is shown, and says what is wrong when it is used. */
  function restoreOnce(): Promise<void> {
    asked ??= restore().catch(() => undefined)
    return asked
  }

  async function signIn(login: string, password: string): Promise<void> {
    take(await dataOf(api.POST('/api/v1/session', { body: { login, password } })))
  }

  async function signOut(): Promise<void> {
    await dataOf(api.DELETE('/api/v1/session'))
    take(null)
  }

  async function setPresence(state: PresenceState): Promise<void> {
    standing.value = await dataOf(api.PUT('/api/v1/presence', { body: { state } }))
  }

  async function setPhone(address: string): Promise<void> {
    standing.value = await dataOf(api.PUT('/api/v1/me/phone', { body: { phone: address } }))
  }

  function forget(): void {
    take(null)
  }

  return {
    person, personId, isSupervisor, isAdmin, isHandler, presence, awayReason, phone,
    restore, restoreOnce, signIn, signOut, setPresence, setPhone, forget,
  }
})
