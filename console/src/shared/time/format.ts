/** Instants in the hotline's own time zone and spans as clocks show them. */
import { i18n } from '@/shared/i18n'

export const TIME_ZONE = 'Asia/Shanghai'
/** The zone has kept this offset since 1991. */
export const OFFSET = '+08:00'

const styles = {
  full: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const formats = new Map<string, Intl.DateTimeFormat>()

export function formatInstant(iso: string | null | undefined, style: keyof typeof styles = 'full'): string {
  if (!iso) return '—'
  const language = i18n.global.locale.value
  const key = `${language}-${style}`
  let format = formats.get(key)
  if (!format) {
    // The Chinese order of year, month and day reads well in both languages and sorts.
    const locale = language === 'en' ? 'en-CA' : 'zh-CN'
    format = new Intl.DateTimeFormat(locale, { ...styles[style], timeZone: TIME_ZONE, hourCycle: 'h23' })
    formats.set(key, format)
  }
  return format.format(new Date(iso)).replace(',', '').replaceAll('/', '-')
}

/** `75_000` → `1:15`, with hours `1:02:05`. Negative spans count as zero. */
export function formatSpan(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000))
  const hours = Math.floor(total / 3_600)
  const minutes = Math.floor((total % 3_600) / 60)
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}
