// What members may do, by the words that the program uses.

import { type PlainKey, t } from '../i18n/index.svelte'

const NAMES: Record<string, PlainKey> = {
  owner: 'role.owner',
  admin: 'role.admin',
  writer: 'role.writer',
  reader: 'role.reader',
  none: 'role.none',
}

export function roleName(role: string): string {
  const key = NAMES[role]
  return key ? t(key) : role
}
