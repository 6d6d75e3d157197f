/** Languages of the console. zh-CN is the source; en must have the same keys (kept by the type and a test). */
import { createI18n } from 'vue-i18n'
import { en } from './en'
import { zhCN } from './zh-CN'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const REMEMBERED = 'hotline.language'

function remembered(): Language {
  const value = localStorage.getItem(REMEMBERED)
  return LANGUAGES.find((language) => language === value) ?? 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export function setLanguage(language: Language): void {
  i18n.global.locale.value = language
  localStorage.setItem(REMEMBERED, language)
  document.documentElement.lang = language
}

document.documentElement.lang = i18n.global.locale.value
