// What the fake door knows: one vault, in plain.

import type {
  AskedView,
  AuditView,
  BundleView,
  EntryView,
  EscapeView,
  FindingView,
  RemoteView,
  Settings,
  SlotView,
  VersionView,
} from '../types'
import { sampleBundles, sampleEntries, sampleValues } from './sample'
import { sampleEscapes } from './settings'
import { sampleAudit, sampleFindings, sampleRemotes } from './sync'
import { makeTeamWorld, type TeamWorld } from './team_world'

export interface FakeOptions {
  exists?: boolean
  locked?: boolean
  bundles?: BundleView[]
  entries?: EntryView[]
  remotes?: RemoteView[]
  audit?: AuditView[]
  slots?: SlotView[]
  team?: Partial<TeamWorld>
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
  slots: SlotView[]
  settings: Settings
  escapes: EscapeView[]
  remotes: RemoteView[]
  findings: FindingView[]
  /** Requests of terminals that wait to be allowed. */
  asked: AskedView[]
  /** Newest first. */
  audit: AuditView[]
  readonly team: TeamWorld
}

export function makeWorld(options: FakeOptions): World {
  return {
    exists: options.exists ?? true,
    locked: options.locked ?? true,
    member: 'ann',
    passphrase: 'correct horse',
    bundles: options.bundles ?? sampleBundles(),
    entries: options.entries ?? sampleEntries(),
    values: options.entries ? new Map() : sampleValues(),
    versions: new Map(),
    removed: new Map(),
    slots: options.slots ?? [
      { id: '51a70c', kind: 'passphrase', kdf: 'm=65536,t=3,p=4' },
      { id: '9e02d1', kind: 'recovery', kdf: null },
    ],
    escapes: options.remotes?.length === 0 ? [] : sampleEscapes(),
    remotes: options.remotes ?? sampleRemotes(),
    findings: options.remotes?.length === 0 ? [] : sampleFindings(),
    asked: [],
    audit: options.audit ?? sampleAudit(230),
    settings: {
      theme: 'system',
      language: null,
      lock_when_idle: true,
      lock_after_minutes: 15,
      lock_on_sleep: true,
      lock_on_screen_lock: true,
      zoom: 100,
      clipboard_seconds: 20,
      quick_shortcut: 'Ctrl+Shift+Space',
      tray: true,
      size: null,
    },
    team: makeTeamWorld(options.team),
  }
}

export const DAY = 86_400
export const now = () => Math.floor(Date.now() / 1000)
