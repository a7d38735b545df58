// A door in memory, for component tests and for looking at the screens. It keeps no secrets well.

import type { Door } from './client'
import { sampleBundles, sampleEntries, sampleWords } from './sample'
import type { Bundle, Code, Entry, EntryName, Fault, FieldName, Kind, NewValue, Status, Version } from './types'

export const FAKE_PASSPHRASE = 'correct horse'

export interface FakeOptions {
  exists?: boolean
  locked?: boolean
  bundles?: Bundle[]
  entries?: Entry[]
}

export class FakeDoor implements Door {
  /** Names of the methods called so far, in order. */
  readonly calls: string[] = []
  /** Fails the next call of a method, for tests. */
  readonly failures = new Map<string, Fault>()

  #exists: boolean
  #locked: boolean
  #member = 'ann'
  #passphrase = FAKE_PASSPHRASE
  #bundles: Bundle[]
  #entries: Entry[]
  readonly #values = new Map<string, string>()
  readonly #versions = new Map<string, Version[]>()
  readonly #removed = new Map<string, Entry>()
  readonly #onLocked = new Set<() => void>()

  constructor(options: FakeOptions = {}) {
    this.#exists = options.exists ?? true
    this.#locked = options.locked ?? true
    this.#bundles = options.bundles ?? sampleBundles()
    this.#entries = options.entries ?? sampleEntries()
  }

  async status(): Promise<Status> {
    this.#called('status')
    const open = {
      member: this.#member,
      device_name: 'laptop',
      bundles: this.#bundles.length,
      entries: this.#entries.length,
      standing: 'enrolled',
    }
    return {
      exists: this.#exists,
      path: '/home/ann/.local/share/sealfold/vault.sealfold',
      locked: this.#locked,
      keychain: 'none',
      slots: ['passphrase', 'recovery'],
      open: this.#exists && !this.#locked ? open : null,
      warnings: [],
    }
  }

  async createVault({ member, passphrase }: { member: string; passphrase: string }) {
    this.#called('createVault')
    this.#exists = true
    this.#locked = false
    this.#member = member
    this.#passphrase = passphrase
    this.#bundles = []
    this.#entries = []
    return { words: sampleWords() }
  }

  async unlock({ passphrase }: { passphrase: string }) {
    this.#called('unlock')
    if (passphrase !== this.#passphrase) {
      throw fault('wrong_key', 'The passphrase does not open this vault.', null, 'Try again, or use the recovery words: sealfold recovery use.')
    }
    this.#locked = false
    return { warnings: [] }
  }

  async lock() {
    this.#called('lock')
    this.#locked = true
  }

  async bundles() {
    this.#opened('bundles')
    return this.#bundles.map((bundle) => ({ ...bundle, entries: this.#entries.filter((entry) => entry.bundle === bundle.name).length }))
  }

  async newBundle({ name }: { name: string }) {
    this.#opened('newBundle')
    if (!/^[^/]+\/[^/]+$/.test(name)) {
      throw fault('usage', 'A bundle is named PROJECT/ENVIRONMENT.', name, 'Write it with one slash, like api/dev.')
    }
    if (this.#bundles.some((bundle) => bundle.name === name)) {
      throw fault('conflict', 'A bundle of this name exists.', name, 'Choose another name.')
    }
    this.#bundles = [...this.#bundles, { id: name, team: 'personal', name, shared: true, members: [this.#member], entries: 0, archived: false, created: now() }]
  }

  async entries({ bundle }: { bundle: string | null }) {
    this.#opened('entries')
    return bundle === null ? this.#entries : this.#entries.filter((entry) => entry.bundle === bundle)
  }

  async reveal(args: FieldName) {
    this.#opened('reveal')
    const entry = this.#find(args)
    const warnings = entry.conflict ? ['Another version stands beside this one.'] : []
    return { value: this.#values.get(fieldKey(args)) ?? `plaintext-of-${args.name}-${args.field}`, warnings }
  }

  async copy(args: FieldName) {
    this.#opened('copy')
    this.#find(args)
    return { seconds: 20 }
  }

  async clearClipboard() {
    this.#called('clearClipboard')
  }

  async setEntry(args: FieldName & { kind: Kind; value: NewValue }) {
    this.#opened('setEntry')
    const value = 'given' in args.value ? args.value.given : 'g'.repeat(args.value.generate.length)
    this.#values.set(fieldKey(args), value)
    const before = this.#entries.find((entry) => same(entry, args))
    const versions = this.#versionsOf(args, before?.versions ?? 0)
    versions.push({ number: versions.length + 1, at: now(), device: 'laptop', removal: false, quarantined: false, locked: false })
    const fields = [...new Set([...(before?.fields ?? []), args.field])]
    const metadata = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }
    const base = before ?? { id: `${args.bundle}/${args.name}`, bundle: args.bundle, name: args.name, kind: args.kind, tags: [], metadata, conflict: false }
    const after: Entry = { ...base, fields, updated: now(), versions: versions.length }
    this.#entries = [...this.#entries.filter((entry) => entry !== before), after]
  }

  async removeEntry(args: EntryName) {
    this.#opened('removeEntry')
    const entry = this.#find(args)
    const versions = this.#versionsOf(args, entry.versions)
    versions.push({ number: versions.length + 1, at: now(), device: 'laptop', removal: true, quarantined: false, locked: false })
    this.#removed.set(nameKey(args), entry)
    this.#entries = this.#entries.filter((one) => one !== entry)
  }

  async restoreEntry(args: EntryName & { version: number }) {
    this.#opened('restoreEntry')
    const entry = this.#removed.get(nameKey(args)) ?? this.#find(args)
    const versions = this.#versionsOf(args, entry.versions)
    versions.push({ number: versions.length + 1, at: now(), device: 'laptop', removal: false, quarantined: false, locked: false })
    this.#removed.delete(nameKey(args))
    this.#entries = [...this.#entries.filter((one) => !same(one, args)), { ...entry, updated: now(), versions: versions.length }]
  }

  async history(args: EntryName) {
    this.#opened('history')
    const entry = this.#removed.get(nameKey(args)) ?? this.#find(args)
    return { versions: [...this.#versionsOf(args, entry.versions)] }
  }

  async previewEnv({ bundle, text }: { bundle: string; text: string }) {
    this.#opened('previewEnv')
    const { pairs, remarks } = readEnv(text)
    const entries = [...pairs].map(([name, value]) => {
      if (!this.#entries.some((entry) => same(entry, { bundle, name }))) return { name, change: 'new' as const }
      const present = this.#values.get(fieldKey({ bundle, name, field: 'value' }))
      return { name, change: present === value ? ('same' as const) : ('changed' as const) }
    })
    return { entries, remarks }
  }

  async importEnv({ bundle, text }: { bundle: string; text: string }) {
    this.#opened('importEnv')
    for (const [name, value] of readEnv(text).pairs) {
      await this.setEntry({ bundle, name, kind: 'variable', field: 'value', value: { given: value } })
    }
  }

  onLocked(callback: () => void) {
    this.#onLocked.add(callback)
    return () => void this.#onLocked.delete(callback)
  }

  /** Locks as if a terminal had done it. */
  lockElsewhere() {
    this.#locked = true
    for (const callback of this.#onLocked) callback()
  }

  #called(method: string) {
    this.calls.push(method)
    const failure = this.failures.get(method)
    if (failure) {
      this.failures.delete(method)
      throw failure
    }
  }

  #opened(method: string) {
    this.#called(method)
    if (this.#locked) throw fault('locked', 'The vault is locked.', null, 'Unlock it.')
  }

  #find(args: EntryName): Entry {
    const entry = this.#entries.find((one) => same(one, args))
    if (!entry) throw fault('not_found', 'There is no such entry.', `${args.bundle}/${args.name}`, null)
    return entry
  }

  #versionsOf(args: EntryName, count: number): Version[] {
    const known = this.#versions.get(nameKey(args))
    if (known) return known
    const versions = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      at: now() - (count - index) * 86_400 * 9,
      device: index % 2 === 0 ? 'laptop' : 'build-box',
      removal: false,
      quarantined: false,
      locked: false,
    }))
    this.#versions.set(nameKey(args), versions)
    return versions
  }
}

function fault(code: Code, message: string, subject: string | null, next: string | null): Fault {
  return { code, message, subject, next }
}

/** Enough of the format for samples. */
function readEnv(text: string) {
  const pairs = new Map<string, string>()
  const remarks = []
  for (const [index, line] of text.split('\n').entries()) {
    const pair = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line)
    if (pair?.[1]) pairs.set(pair[1], pair[2] ?? '')
    else if (line.trim() !== '' && !line.trim().startsWith('#')) {
      remarks.push({ line: index + 1, name: null, lost: true, sentence: 'This line sets nothing and is left out.' })
    }
  }
  return { pairs, remarks }
}

const now = () => Math.floor(Date.now() / 1000)
const same = (entry: EntryName, other: EntryName) => entry.bundle === other.bundle && entry.name === other.name
const nameKey = ({ bundle, name }: EntryName) => `${bundle}\n${name}`
const fieldKey = ({ bundle, name, field }: FieldName) => `${bundle}\n${name}\n${field}`
