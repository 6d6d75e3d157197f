/** The phone of who is signed in: one for the whole console, on whichever screen he is. */
import { defineStore } from 'pinia'
import { api, dataOf } from '@/shared/api/client'
import { i18n } from '@/shared/i18n'
import { RingingBell } from './bell'
import { usePhone } from './usePhone'

export const useSeatPhone = defineStore('seatPhone', () => {
  const { t } = i18n.global
  const bell = new RingingBell({
    title: () => `【${t('phone.state.ringing')}】`,
    notice: (ring) => t('phone.ringNotice', { caller: ring.facts.caller ?? t('phone.someone') }),
  })
  const phone = usePhone('seat', () => dataOf(api.POST('/api/v1/me/phone-token')), bell)

  /** Only with a microphone is a call taken; without one it goes on ringing, and the bar says what is wrong. */
  async function answer(): Promise<void> {
    if (await phone.soundOn()) phone.happen({ type: 'answer' })
  }

  return { ...phone, answer }
})
