/** The phone of who is signed in: one for the whole console, on whichever screen he is. */
import { defineStore } from 'pinia'
import { watch } from 'vue'
import { api, dataOf } from '@/shared/api/client'
import { i18n } from '@/shared/i18n'
import { callerText } from '@/shared/i18n/callerText'
import { useSession } from '@/shared/session/sessionStore'
import { showProblem } from '@/shared/ui/notices'
import { RingingBell } from './bell'
import { usePhone } from './usePhone'

export const useSeatPhone = defineStore('seatPhone', () => {
  const { t } = i18n.global
  const bell = new RingingBell({
    title: () => `【${t('phone.state.ringing')}】`,
    notice: (ring) => t('phone.ringNotice', { caller: ring.facts.caller ? callerText(ring.facts.caller) : t('phone.someone') }),
  })
  const phone = usePhone('seat', () => dataOf(api.POST('/api/v1/me/phone-token')), bell)

  /** Only with a microphone is a call taken; without one it goes on ringing, and the bar says what is wrong. */
  async function answer(): Promise<void> {
    if (await phone.soundOn()) phone.happen({ type: 'answer' })
  }

  const session = useSession()

  // Who has named no telephone is rung here.
  watch(
    () => phone.phone.value.at === 'ready' && session.phone === null,
    (isNowhere) => {
      if (isNowhere) session.setPhone(`browser:${session.personId}`).catch(showProblem)
    },
  )

  return { ...phone, answer }
})
