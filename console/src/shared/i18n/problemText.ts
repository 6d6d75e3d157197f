/** The sentence for a refusal. An unknown code is shown as it is: never "something went wrong" alone. */
import { asProblem } from '@/shared/api/problem'
import { i18n } from './index'

export function problemText(error: unknown): string {
  const problem = asProblem(error)
  const key = `problem.${problem.code.replaceAll('.', '_')}`
  const { t, te } = i18n.global
  return te(key) ? t(key, { seconds: problem.retryAfterS ?? 5 }) : t('problem.unknown', { code: problem.code })
}
