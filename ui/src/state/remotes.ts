// Kinds of remotes, and how each is written.

import type { PlainKey } from '../i18n/index.svelte'

export type RemoteKind = 'git' | 's3' | 'folder'

export const EXAMPLES: { kind: RemoteKind; example: string }[] = [
  { kind: 'git', example: 'git@example.com:acme/secrets.git' },
  { kind: 's3', example: 's3://acme-secrets/team' },
  { kind: 'folder', example: 'folder:/srv/share/acme' },
]

const NAMES: Record<RemoteKind, PlainKey> = { git: 'location.git', s3: 'location.s3', folder: 'location.folder' }

export function remoteKind(kind: string): PlainKey | null {
  return Object.hasOwn(NAMES, kind) ? NAMES[kind as RemoteKind] : null
}
