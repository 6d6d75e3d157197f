/** Names of clocks: an administrator may add some that the console has no word for; those show their own name. */
import { useI18n } from 'vue-i18n'

export function useClockName(): (kind: string) => string {
  const { t, te } = useI18n()
  return (kind) => (te(`clock.${kind}`) ? t(`clock.${kind}`) : kind)
}
