// A language made from English with accents, in which a string that bypasses `t` stands out.

import type { Catalogue, Key, Plural } from './catalogue'

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ACCENTED = 'åƀçđéƒĝħíĵķłɱñöþɋŕšŧûṽŵẋýžÅƁÇĐÉƑĜĦÎĴĶŁṀÑÖÞǪŔŠŦÛṼŴẊÝŽ'
const BY_LETTER = new Map([...PLAIN].map((letter, index) => [letter, [...ACCENTED][index] ?? letter]))

export function pseudo(english: Catalogue): Catalogue {
  const entries = Object.entries(english).map(([key, message]) => [key, disguised(message)])
  return Object.fromEntries(entries) as Record<Key, string & Plural>
}

function disguised(message: string | Plural): string | Record<string, string> {
  if (typeof message === 'string') return accented(message)
  return Object.fromEntries(Object.entries(message).map(([form, text]) => [form, accented(text)]))
}

function accented(text: string): string {
  const parts = text.split(/(\{\w+\})/)
  return parts
    .map((part) => (part.startsWith('{') ? part : [...part].map((letter) => BY_LETTER.get(letter) ?? letter).join('')))
    .join('')
}
