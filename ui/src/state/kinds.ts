// Kinds of entries and their fields. The first field is the one meant when none is named.

import { type PlainKey, t } from '../i18n/index.svelte'
import type { EntryView, Kind } from '../ipc/types'
import { legible } from './legible'

export const KINDS = [
  'variable',
  'login',
  'key',
  'certificate',
  'file',
  'note',
  'one-time-password',
] as const satisfies readonly Kind[]

export const FIELDS: Record<Kind, readonly [string, ...string[]]> = {
  variable: ['value'],
  login: ['password', 'username', 'url'],
  key: ['private', 'public', 'passphrase'],
  certificate: ['certificate', 'private', 'chain'],
  file: ['content', 'filename'],
  note: ['text'],
  'one-time-password': ['secret'],
}

const MANY_LINES = new Set(['private', 'public', 'certificate', 'chain', 'content', 'text'])
/** Fields that are typed where others may look on. They are as hidden as all once they are saved. */
const OPEN = new Set(['username', 'url', 'filename'])
/** Fields that other programs want as a file. */
const FILES = new Set(['private', 'public', 'certificate', 'chain', 'content'])
/** Fields that a machine can make up. */
const MADE = new Set(['value', 'password', 'passphrase'])

const LABELS: Record<string, PlainKey> = {
  value: 'field.value',
  password: 'field.password',
  username: 'field.username',
  url: 'field.url',
  private: 'field.private',
  public: 'field.public',
  passphrase: 'field.passphrase',
  certificate: 'field.certificate',
  chain: 'field.chain',
  content: 'field.content',
  filename: 'field.filename',
  text: 'field.text',
  secret: 'field.secret',
  note: 'field.note',
}

/** What a kind is for, and what its form wants. */
export const ABOUT_KIND: Record<Kind, PlainKey> = {
  variable: 'about_kind.variable',
  login: 'about_kind.login',
  key: 'about_kind.key',
  certificate: 'about_kind.certificate',
  file: 'about_kind.file',
  note: 'about_kind.note',
  'one-time-password': 'about_kind.one-time-password',
}

/** The fields in the order in which a form asks for them, where that is another. */
const ASKED: Partial<Record<Kind, readonly string[]>> = { login: ['username', 'password', 'url'] }

/** What stands in a field that is empty: the form of its value. Examples are no text to translate. */
export const EXAMPLES: Record<string, string> = {
  url: 'https://',
  private: '-----BEGIN OPENSSH PRIVATE KEY-----',
  public: 'ssh-ed25519 AAAA…',
  certificate: '-----BEGIN CERTIFICATE-----',
  chain: '-----BEGIN CERTIFICATE-----',
  secret: 'JBSWY3DPEHPK3PXP',
}

export function hasManyLines(field: string): boolean {
  return MANY_LINES.has(field)
}

export function isSavedAsFile(field: string): boolean {
  return FILES.has(field)
}

export function isTypedOpenly(field: string): boolean {
  return OPEN.has(field)
}

export function canBeMade(field: string): boolean {
  return MADE.has(field)
}

/** The key of a field's label; fields of other names are shown by their name. */
export function fieldLabel(field: string): PlainKey | null {
  return LABELS[field] ?? null
}

/** What a field is called here. */
export function fieldText(field: string): string {
  const key = fieldLabel(field)
  return key ? t(key) : legible(field)
}

/** An entry's fields, its kind's own ones first and in their order. */
export function fieldsInOrder({ kind, fields }: EntryView): string[] {
  const own = FIELDS[kind].filter((field) => fields.includes(field))
  return [...own, ...fields.filter((field) => !own.includes(field))]
}

export function firstField(entry: EntryView): string | null {
  return fieldsInOrder(entry)[0] ?? null
}

/** The fields that a form asks for: the kind's own, and what the entry has besides. */
export function fieldsAskedFor(kind: Kind, entry: EntryView | undefined): string[] {
  const own = ASKED[kind] ?? FIELDS[kind]
  return [...new Set([...own, ...(entry?.fields ?? [])])]
}
