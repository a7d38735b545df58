// Every string that a person reads comes through `t`, in the language that is set here.

import type { Catalogue, Key, Plural, Values } from './catalogue'
import { de } from './de'
import { en } from './en'
import { pseudo } from './pseudo'

export type { PlainKey } from './catalogue'

/** Languages to choose from, by their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const

/** `qps` is nobody's language: it shows which strings bypass `t`. */
export type Language = keyof typeof LANGUAGES | 'qps'

const CATALOGUES: Record<keyof typeof LANGUAGES, Catalogue> = { en, de }
let disguised: Catalogue | undefined
const state = $state<{ language: Language }>({ language: 'en' })

export function language(): Language {
  return state.language
}

/** The tag that `Intl` and the page's `lang` are given. */
export function languageTag(): string {
  return state.language === 'qps' ? 'en' : state.language
}

export function setLanguage(language: Language) {
  state.language = language
  document.documentElement.lang = languageTag()
}

/** Takes a language that was chosen; where none was, the first of the system's that there is. */
export function chooseLanguage(chosen: string | null) {
  const wanted = [chosen, ...navigator.languages.map((tag) => tag.split('-')[0])]
  const found = wanted.find((tag): tag is keyof typeof LANGUAGES => tag != null && Object.hasOwn(LANGUAGES, tag))
  setLanguage(found ?? 'en')
}

/** The text of a key, with its placeholders filled. A plural is chosen by the value `count`. */
export function t<K extends Key>(key: K, ...[values]: Values<K>): string {
  const message: string | Plural = catalogue()[key]
  const given: Record<string, string | number> = values ?? {}
  const text = typeof message === 'string' ? message : chosen(message, Number(given.count))
  return text.replace(/\{(\w+)\}/g, (_, name: string) => filled(given[name]))
}

function catalogue(): Catalogue {
  if (state.language !== 'qps') return CATALOGUES[state.language]
  disguised ??= pseudo(en)
  return disguised
}

function chosen(plural: Plural, count: number): string {
  const form = new Intl.PluralRules(languageTag()).select(count)
  return plural[form] ?? plural.other
}

function filled(value: string | number | undefined): string {
  const text = typeof value === 'number' ? new Intl.NumberFormat(languageTag()).format(value) : (value ?? '')
  return state.language === 'qps' ? `⟦${text}⟧` : text
}
