/** Why the line or the API said no, as one of a few sentences; what is known of a call that rings. */
import { i18n } from '@/shared/i18n'
import { formatSpan } from '@/shared/time/format'

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

/** Beside the caller: the line he dialled, how long he has waited by now, his open tickets. What is not known is not said. */
export function ringFacts(facts: Record<string, string>, nowMs: number): string[] {
  const { t } = i18n.global
  const { line, ticket } = facts
  const since = Date.parse(facts.waiting_since ?? '')
  return [
    ...(line ? [t('phone.ringLine', { line })] : []),
    ...(Number.isNaN(since) ? [] : [t('phone.ringWaited', { span: formatSpan(Math.max(0, nowMs - since)) })]),
    ...(ticket ? [t('phone.ringTicket', { ticket })] : []),
  ]
}
