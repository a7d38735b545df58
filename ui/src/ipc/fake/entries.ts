// Bundles and entries of the fake vault.

import type { Answers } from '.'
import { fault } from '.'
import type { EntryRef, EntryView, ImportRemark, Metadata, NewValue, VersionView } from '../types'
import { valueOf } from './bundles'
import { sampleBundle } from './sample'
import { FIELDS } from '../../state/kinds'
import { now, type World } from './world'

interface Name {
  bundle: string
  name: string
}

const none: Metadata = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }

export function answersAboutEntries(world: World): Answers {
  const find = (name: Name): EntryView => {
    const entry = world.entries.find((one) => same(one, name))
    if (!entry) throw fault('not_found', 'There is no such entry.', `${name.bundle}/${name.name}`, null)
    return entry
  }

  const versionsOf = (name: Name, count: number): VersionView[] => {
    const known = world.versions.get(nameKey(name))
    if (known) return known
    const versions = Array.from({ length: count }, (_, index) =>
      version(index + 1, { at: now() - (count - index) * 86_400 * 9, device: index % 2 === 0 ? 'laptop' : 'build-box' }),
    )
    world.versions.set(nameKey(name), versions)
    return versions
  }

  const addVersion = (name: Name, count: number, removal = false) => {
    const versions = versionsOf(name, count)
    versions.push(version(versions.length + 1, { removal }))
    return versions
  }

  const set = (name: Name, more: Partial<EntryView>, fields: [string, NewValue][], without: string[] = []) => {
    const before = world.entries.find((entry) => same(entry, name))
    const kind = more.kind ?? before?.kind ?? 'variable'
    // An empty field name means the kind's first.
    fields = fields.map(([field, value]) => [field || FIELDS[kind][0], value])
    for (const [field, value] of fields) world.values.set(fieldKey({ ...name, field }), written(value))
    const versions = addVersion(name, before?.versions ?? 0)
    const names = [...new Set([...(before?.fields ?? []), ...fields.map(([field]) => field)])].filter(
      (field) => !without.includes(field),
    )
    const base = before ?? {
      id: `${name.bundle}/${name.name}`,
      ...name,
      kind: 'variable' as const,
      tags: [],
      metadata: none,
      has_note: false,
      conflict: false,
    }
    const after: EntryView = { ...base, ...more, fields: names, updated: now(), versions: versions.length }
    world.entries = [...world.entries.filter((entry) => entry !== before), after]
    return {
      id: after.id,
      ...name,
      version: versions.length,
      change: before ? ('changed' as const) : ('created' as const),
      warnings: [],
    }
  }

  return {
    list_bundles: ({ archived }) =>
      world.bundles
        .filter((bundle) => archived || !bundle.archived)
        .map((bundle) => ({ ...bundle, entries: world.entries.filter((entry) => entry.bundle === bundle.name).length })),
    new_bundle({ name }) {
      if (!/^[^/]+\/[^/]+$/.test(name)) {
        throw fault('usage', 'A bundle is named PROJECT/ENVIRONMENT.', name, 'Write it with one slash, like api/dev.')
      }
      if (world.bundles.some((bundle) => bundle.name === name)) {
        throw fault('conflict', 'A bundle of this name exists.', name, 'Choose another name.')
      }
      const bundle = sampleBundle(name, { team: 'personal', members: [world.member], created: now() })
      world.bundles = [...world.bundles, bundle]
      return bundle
    },
    list_entries({ bundle }) {
      if (bundle != null) return world.entries.filter((entry) => entry.bundle === bundle)
      const away = new Set(world.bundles.filter((one) => one.archived).map((one) => one.name))
      return away.size === 0 ? world.entries : world.entries.filter((entry) => !away.has(entry.bundle))
    },
    reveal(field) {
      const entry = find(field)
      const warnings = entry.conflict ? ['Another version stands beside this one.'] : []
      return { value: valueOf(world, field), warnings }
    },
    copy(field) {
      find(field)
      return { seconds: 20 }
    },
    clear_clipboard: () => null,
    set_entry({ bundle, name, kind, fields, without_fields, tags, metadata }) {
      const at = { bundle: bundle ?? '', name }
      const before = world.entries.find((entry) => same(entry, at))
      const { note, ...about } = withoutNulls(metadata)
      const more: Partial<EntryView> = { metadata: cleared({ ...(before?.metadata ?? none), ...about }) }
      if (note) {
        more.has_note = true
        world.values.set(fieldKey({ ...at, field: 'note' }), note)
      }
      if (kind) more.kind = kind
      if (tags) more.tags = tags
      return set(at, more, fields, without_fields)
    },
    remove_entries({ bundle, names }) {
      return names.map((name) => {
        const entry = find({ bundle: bundle ?? '', name })
        addVersion(entry, entry.versions, true)
        world.removed.set(nameKey(entry), entry)
        world.entries = world.entries.filter((one) => one !== entry)
        return entry
      })
    },
    restore_entry({ entry: of }) {
      const name = named(of)
      const entry = world.removed.get(nameKey(name)) ?? find(name)
      const versions = addVersion(name, entry.versions)
      world.removed.delete(nameKey(name))
      world.entries = [
        ...world.entries.filter((one) => !same(one, name)),
        { ...entry, updated: now(), versions: versions.length },
      ]
      return { id: entry.id, ...name, version: versions.length, change: 'changed', warnings: [] }
    },
    history({ entry: of }) {
      const name = named(of)
      const entry = world.removed.get(nameKey(name)) ?? find(name)
      return { id: entry.id, ...name, versions: [...versionsOf(name, entry.versions)] }
    },
    import({ bundle: to, data, dialect, dry_run }) {
      const bundle = to ?? ''
      const { pairs, remarks } = readEnv(data)
      const entries = [...pairs].map(([name, value]) => {
        const before = world.entries.some((entry) => same(entry, { bundle, name }))
        const present = world.values.get(fieldKey({ bundle, name, field: 'value' }))
        const change = !before ? ('created' as const) : present === value ? ('same' as const) : ('changed' as const)
        return { name, change }
      })
      const made = !world.bundles.some((one) => one.name === bundle)
      if (!dry_run) {
        if (made)
          world.bundles = [...world.bundles, sampleBundle(bundle, { team: 'personal', members: [world.member], created: now() })]
        for (const [name, value] of pairs) set({ bundle, name }, {}, [['value', { given: value }]])
      }
      return { bundle, bundle_created: made, dialect: dialect ?? 'node', unverified: false, entries, remarks }
    },
  }
}

function version(number: number, more: Partial<VersionView>): VersionView {
  const plain = {
    removal: false,
    quarantined: false,
    locked: false,
    unreadable: false,
    current: true,
    changed_fields: [],
    lineage: null,
  }
  return { number, id: String(number), at: now(), device: 'laptop', name: null, ...plain, ...more }
}

function named(of: EntryRef): Name {
  if ('reference' in of) throw fault('usage', 'The fake knows no references.', null, null)
  return { bundle: of.named.bundle ?? '', name: of.named.name }
}

const written = (value: NewValue) => ('given' in value ? value.given : 'g'.repeat(value.generate.length))
const withoutNulls = (metadata: Metadata): Partial<Metadata> =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null))
/** Empty texts and zeros clear. */
const cleared = (metadata: Metadata) =>
  Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, value === '' || value === 0 ? null : value]),
  ) as unknown as Metadata

/** Enough of the format for samples. */
export function readEnv(text: string) {
  const pairs = new Map<string, string>()
  const remarks: ImportRemark[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const pair = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line)
    if (pair?.[1]) pairs.set(pair[1], pair[2] ?? '')
    else if (line.trim() !== '' && !line.trim().startsWith('#')) {
      remarks.push({ line: index + 1, name: null, lost: true, sentence: 'This line sets nothing and is left out.' })
    }
    if (pair?.[2]?.includes(' #')) {
      remarks.push({
        line: index + 1,
        name: pair[1] ?? null,
        lost: false,
        sentence: 'readers disagree: compose reads another value',
      })
    }
  }
  return { pairs, remarks }
}

const same = (entry: Name, other: Name) => entry.bundle === other.bundle && entry.name === other.name
const nameKey = ({ bundle, name }: Name) => `${bundle}\n${name}`
export const fieldKey = ({ bundle, name, field }: Name & { field: string }) => `${bundle}\n${name}\n${field}`
