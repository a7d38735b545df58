// The shape of a language: the keys of English, with the same kind of text behind each.

import type { en } from './en'

/** One form for each category of number that a language tells apart. */
export type Plural = { readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string }

export type Key = keyof typeof en

/** The texts of one subject in another language than English. */
export type CatalogueOf<Source> = {
  readonly [K in keyof Source]: Source[K] extends string ? string : Plural
}

export type Catalogue = CatalogueOf<typeof en>

type Text<M> = M extends string ? M : M[keyof M]

type Placeholders<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never

/** Keys of texts without placeholders, as tables of labels hold them. */
export type PlainKey = { [K in Key]: [Placeholders<Text<(typeof en)[K]>>] extends [never] ? K : never }[Key]

/** What `t` wants beside a key: a value for each placeholder of the English text. */
export type Values<K extends Key> = [Placeholders<Text<(typeof en)[K]>>] extends [never]
  ? []
  : [values: { readonly [Name in Placeholders<Text<(typeof en)[K]>>]: string | number }]

/** Names of the placeholders in a text, sorted. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()
}
