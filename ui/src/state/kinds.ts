// Kinds of entries and their fields. The first field is the one meant when none is named.

import type { PlainKey } from '../i18n/index.svelte'
import type { EntryView, Kind } from '../ipc/types'

export const KINDS = ['variable', 'login', 'key', 'certificate', 'file', 'note', 'one-time-password'] as const satisfies readonly Kind[]

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
}

export function hasManyLines(field: string): boolean {
  return MANY_LINES.has(field)
}

export function canBeMade(field: string): boolean {
  return MADE.has(field)
}

/** The key of a field's label; fields of other names are shown by their name. */
export function fieldLabel(field: string): PlainKey | null {
  return LABELS[field] ?? null
}

/** An entry's fields, its kind's own ones first and in their order. */
export function fieldsInOrder({ kind, fields }: EntryView): string[] {
  const own = FIELDS[kind].filter((field) => fields.includes(field))
  return [...own, ...fields.filter((field) => !own.includes(field))]
}

export function firstField(entry: EntryView): string | null {
  return fieldsInOrder(entry)[0] ?? null
}
