/** Why the line or the API said no, as one of a few sentences. */
import { i18n } from '@/shared/i18n'

const REASONS: Record<string, string> = {
  'phone.full': 'full',
  'phone.too_many_calls': 'full',
  'web_call.closed': 'closed',
  'web_call.too_many': 'too_many',
  'phone.token_wrong': 'page',
  'phone.token_used': 'page',
  'phone.origin_wrong': 'page',
  'request.wrong_origin': 'page',
  'phone.stopped': 'stopped',
  'network.unreachable': 'unreachable',
}

export function reasonText(code: string): string {
  return i18n.global.t(`phone.reason.${REASONS[code] ?? 'other'}`, { code })
}
