/** Who calls, for people: his number, or that he withholds it. */
import { i18n } from './index'

/** So the API names callers without a number. */
const ANONYMOUS = 'anonymous'

export function callerText(caller: string): string {
  return caller === ANONYMOUS ? i18n.global.t('anonymousCaller') : caller
}
