// What the commands of the door take and give, as serde writes it. Times are Unix seconds.

export type Code =
  | 'unexpected'
  | 'usage'
  | 'aborted'
  | 'not_found'
  | 'locked'
  | 'wrong_key'
  | 'integrity'
  | 'findings'
  | 'conflict'
  | 'not_allowed'
  | 'remote'
  | 'io'

/** A refusal: what happened, to what, and what to do next. */
export interface Fault {
  code: Code
  message: string
  subject: string | null
  next: string | null
}

export interface OpenStatus {
  member: string
  device_name: string
  bundles: number
  entries: number
  /** Whether this device may sign: `enrolled`, or why it must enrol anew. */
  standing: string
}

export interface Status {
  exists: boolean
  path: string
  locked: boolean
  /** `ok`, `none`, `locked`, or why the keychain can't be used. */
  keychain: string
  slots: string[]
  open: OpenStatus | null
  warnings: string[]
}

export interface Bundle {
  id: string
  team: string
  /** `project/environment`, with the team before it where that alone would not find it. */
  name: string
  /** Whether it is shared with this member; otherwise only its name is known. */
  shared: boolean
  members: string[]
  entries: number
  archived: boolean
  created: number
}

export const KINDS = ['variable', 'login', 'key', 'certificate', 'file', 'note', 'one-time-password'] as const
export type Kind = (typeof KINDS)[number]

export interface Metadata {
  purpose: string | null
  owner: string | null
  expires: number | null
  rotate_every_days: number | null
  lineage: string | null
  /** As secret as a value: lists leave it out, and it is revealed like a field. */
  note: string | null
}

export interface Entry {
  id: string
  bundle: string
  name: string
  kind: Kind
  /** Names of its fields; values never. */
  fields: string[]
  tags: string[]
  metadata: Metadata
  updated: number
  versions: number
  conflict: boolean
  /** The device that sealed its content, where that does not open. */
  unreadable?: string
}

export interface Revealed {
  value: string
  warnings: string[]
}

export interface Version {
  /** Counted from 1, the oldest. */
  number: number
  at: number
  device: string
  removal: boolean
  quarantined: boolean
  locked: boolean
}

export interface Preview {
  entries: { name: string; change: 'new' | 'changed' | 'same' }[]
  remarks: Remark[]
}

/** What an importer has to say about one line. */
export interface Remark {
  line: number
  name: string | null
  /** Whether something of the line is not kept. */
  lost: boolean
  sentence: string
}

/** A value to write: given, or made by the vault and never seen here. */
export type NewValue = { given: string } | { generate: { length: number; punctuation: boolean } }

export interface EntryName {
  bundle: string
  name: string
}

export interface FieldName extends EntryName {
  field: string
}
