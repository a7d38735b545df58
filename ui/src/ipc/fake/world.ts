// What the fake door knows: one vault, in plain.

import type { BundleView, EntryView, VersionView } from '../types'
import { sampleBundles, sampleEntries } from './sample'

export interface FakeOptions {
  exists?: boolean
  locked?: boolean
  bundles?: BundleView[]
  entries?: EntryView[]
}

export interface World {
  exists: boolean
  locked: boolean
  member: string
  passphrase: string
  bundles: BundleView[]
  entries: EntryView[]
  /** By bundle, name and field, with line feeds between them. */
  readonly values: Map<string, string>
  /** By bundle and name, with a line feed between them. */
  readonly versions: Map<string, VersionView[]>
  readonly removed: Map<string, EntryView>
}

export function makeWorld(options: FakeOptions): World {
  return {
    exists: options.exists ?? true,
    locked: options.locked ?? true,
    member: 'ann',
    passphrase: 'correct horse',
    bundles: options.bundles ?? sampleBundles(),
    entries: options.entries ?? sampleEntries(),
    values: new Map(),
    versions: new Map(),
    removed: new Map(),
  }
}

export const now = () => Math.floor(Date.now() / 1000)
