// Bundles as text and side by side, what is generated, and codes, in the fake vault.

import type { Answers } from '.'
import { fault } from '.'
import type { EntryView, MatrixCell, RawEnvChange } from '../types'
import { fieldKey, readEnv } from './entries'
import { now, type World } from './world'

const WORDS = 'amber basin cedar delta ember fable glade harbor island jungle kettle lantern meadow nectar olive pepper'.split(
  ' ',
)
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'

/** What a field of the fake holds, written or not. */
export function valueOf(world: World, field: { bundle: string; name: string; field: string }): string {
  return world.values.get(fieldKey(field)) ?? `plaintext-of-${field.name}-${field.field}`
}

export function answersAboutBundles(world: World): Answers {
  const inBundle = (bundle: string) => world.entries.filter((entry) => entry.bundle === bundle)
  const find = (bundle: string, name: string) => {
    const entry = world.entries.find((one) => one.bundle === bundle && one.name === name)
    if (!entry) throw fault('not_found', 'There is no such entry.', `${bundle}/${name}`, null)
    return entry
  }
  const replace = (before: EntryView | undefined, after: EntryView | null) => {
    world.entries = [...world.entries.filter((entry) => entry !== before), ...(after ? [after] : [])]
  }
  const whole = (entry: EntryView) => [entry.kind, ...entry.fields.map((field) => valueOf(world, { ...entry, field }))].join('\n')
  const copyValues = (from: EntryView, to: { bundle: string; name: string }) => {
    for (const field of from.fields) world.values.set(fieldKey({ ...to, field }), valueOf(world, { ...from, field }))
  }
  const state = (bundle: string) =>
    inBundle(bundle)
      .map((entry) => `${entry.name} ${entry.versions} ${entry.updated}`)
      .sort()
      .join(' ')

  return {
    archive_bundle({ name, undo }) {
      world.bundles = world.bundles.map((bundle) => (bundle.name === name ? { ...bundle, archived: !undo } : bundle))
      const bundle = world.bundles.find((one) => one.name === name)
      if (!bundle) throw fault('not_found', 'There is no such bundle.', name, null)
      return bundle
    },
    move_entry({ entry: of, to_name, to_bundle }) {
      const from = 'named' in of ? { bundle: of.named.bundle ?? '', name: of.named.name } : { bundle: '', name: '' }
      const before = find(from.bundle, from.name)
      const to = { bundle: to_bundle ?? from.bundle, name: to_name ?? from.name }
      if (world.entries.some((entry) => entry.bundle === to.bundle && entry.name === to.name)) {
        throw fault('conflict', 'There is an entry of this name already.', to.name, 'Remove or rename it first.')
      }
      copyValues(before, to)
      const after = { ...before, ...to, id: `${to.bundle}/${to.name}`, updated: now(), versions: before.versions + 1 }
      replace(before, after)
      return { id: after.id, ...to, version: after.versions, change: 'changed', warnings: [] }
    },
    raw_env({ bundle: of }) {
      const bundle = of ?? ''
      const entries = inBundle(bundle)
      const written = entries.filter((entry) => entry.kind === 'variable').sort((a, b) => (a.name < b.name ? -1 : 1))
      const left_out = entries
        .filter((entry) => entry.kind !== 'variable')
        .map(({ name }) => ({ name, why: 'it is no variable' }))
      const text = written.map((entry) => `${entry.name}=${valueOf(world, { ...entry, field: 'value' })}\n`).join('')
      return { bundle, text, made_from: state(bundle), names: written.map(({ name }) => name), left_out, warnings: [] }
    },
    save_raw_env({ bundle: of, text, made_from, dry_run }) {
      const bundle = of ?? ''
      if (made_from !== state(bundle)) {
        throw fault(
          'conflict',
          'The bundle was changed since the text was made from it.',
          bundle,
          'Nothing was written: open the text anew, and make the change there.',
        )
      }
      const { pairs, remarks } = readEnv(text)
      const change = (name: string, value: string): RawEnvChange => {
        const before = inBundle(bundle).find((entry) => entry.name === name)
        if (!before) return 'created'
        return valueOf(world, { bundle, name, field: 'value' }) === value ? 'same' : 'changed'
      }
      const gone = inBundle(bundle).filter((entry) => entry.kind === 'variable' && !pairs.has(entry.name))
      const entries = [
        ...[...pairs].map(([name, value]) => ({ name, change: change(name, value) })),
        ...gone.map(({ name }) => ({ name, change: 'removed' as const })),
      ]
      if (!dry_run) {
        for (const entry of gone) replace(entry, null)
        for (const [name, value] of pairs) {
          const before = inBundle(bundle).find((entry) => entry.name === name)
          if (change(name, value) === 'same') continue
          world.values.set(fieldKey({ bundle, name, field: 'value' }), value)
          const metadata = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }
          const fresh: EntryView = {
            id: `${bundle}/${name}`,
            bundle,
            name,
            kind: 'variable',
            fields: ['value'],
            tags: [],
            metadata,
            has_note: false,
            updated: 0,
            versions: 0,
            conflict: false,
          }
          const base = before ?? fresh
          replace(before, { ...base, updated: now(), versions: base.versions + 1 })
        }
      }
      return { bundle, entries, remarks }
    },
    matrix({ project }) {
      const of = world.bundles.filter((bundle) => !bundle.archived && bundle.name.startsWith(`${project}/`))
      const bundles = of.filter((bundle) => bundle.shared).map((bundle) => bundle.name)
      const names = [...new Set(bundles.flatMap((bundle) => inBundle(bundle).map((entry) => entry.name)))].sort()
      const rows = names.map((name) => {
        const groups: string[] = []
        const cells = bundles.map((bundle): MatrixCell | null => {
          const entry = inBundle(bundle).find((one) => one.name === name)
          if (!entry) return null
          if (!groups.includes(whole(entry))) groups.push(whole(entry))
          return { group: groups.indexOf(whole(entry)) + 1, kind: entry.kind, updated: entry.updated, conflict: entry.conflict }
        })
        return { name, cells }
      })
      const environments = bundles.map((bundle) => ({ bundle, environment: bundle.slice(project.length + 1) }))
      const not_shared = of.filter((bundle) => !bundle.shared).map((bundle) => bundle.name.slice(project.length + 1))
      return { team: 'acme', project, environments, not_shared, rows, warnings: [] }
    },
    promote({ from, to, names, dry_run }) {
      const entries = names.map((name) => {
        const source = find(from, name)
        const before = inBundle(to).find((entry) => entry.name === name)
        const change = !before ? ('created' as const) : whole(before) === whole(source) ? ('same' as const) : ('changed' as const)
        if (!dry_run && change !== 'same') {
          copyValues(source, { bundle: to, name })
          replace(before, { ...source, id: `${to}/${name}`, bundle: to, updated: now(), versions: (before?.versions ?? 0) + 1 })
        }
        return { name, kind: source.kind, change }
      })
      return { from, to, entries, warnings: [] }
    },
    generate({ recipe }) {
      const drawn = (from: string | string[], count: number) =>
        Array.from({ length: count }, () => from[Math.floor(Math.random() * from.length)])
      if ('words' in recipe) return { value: drawn(WORDS, recipe.words.count).join('-'), bits: recipe.words.count * 11 }
      const { length, symbols } = recipe.characters
      return {
        value: drawn(LETTERS + (symbols ? '-_.,:/+@%^' : ''), length).join(''),
        bits: Math.floor(length * (symbols ? 6.17 : 5.95)),
      }
    },
    code({ bundle, name }) {
      find(bundle, name)
      const period = 30
      const step = Math.floor(now() / period)
      const code = String((step * 7919) % 1_000_000).padStart(6, '0')
      return { code, until: (step + 1) * period, seconds_left: (step + 1) * period - now(), period, warnings: [] }
    },
    save_field({ field: { bundle, name } }) {
      find(bundle, name)
      return null
    },
    export({ export: { selection, to } }) {
      return { names: inBundle(selection.bundle ?? '').map(({ name }) => name), to, warnings: [] }
    },
    copy_text: () => ({ seconds: 20 }),
  }
}
