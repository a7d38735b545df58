// Commands that the program is getting: each line goes when `types.ts` has it.

import type { Change, EntryView, ImportRemark, Kind } from './types'

export type Recipe = { characters: { length: number; symbols: boolean } } | { words: { count: number } }

export type Generated = { value: string; bits: number }

export type OneTimeCode = { code: string; until: number; seconds_left: number; period: number; warnings: Array<string> }

export type LeftOut = { name: string; why: string }

export type RawEnvText = { bundle: string; text: string; made_from: string; names: Array<string>; left_out: Array<LeftOut>; warnings: Array<string> }

export type RawEnvChange = 'created' | 'changed' | 'removed' | 'same'

export type RawEnvSaved = { bundle: string; entries: Array<{ name: string; change: RawEnvChange }>; remarks: Array<ImportRemark> }

export type MatrixCell = { group: number; kind: Kind; updated: number; conflict: boolean }

export type MatrixRow = { name: string; cells: Array<MatrixCell | null> }

export type MatrixView = {
  team: string
  project: string
  environments: Array<{ bundle: string; environment: string }>
  not_shared: Array<string>
  rows: Array<MatrixRow>
  warnings: Array<string>
}

export type Promoted = { from: string; to: string; entries: Array<{ name: string; kind: Kind; change: Change }>; warnings: Array<string> }

/** An entry, with what lists are going to say of it. */
export type Described = EntryView & { has_note?: boolean; author?: string | null }

declare module './types' {
  interface Commands {
    code: { ask: { bundle: string; name: string }; answer: OneTimeCode }
    generate: { ask: { recipe: Recipe }; answer: Generated }
    matrix: { ask: { team?: string | null; project: string }; answer: MatrixView }
    promote: { ask: { from: string; to: string; names: Array<string>; all: boolean; dry_run: boolean }; answer: Promoted }
    raw_env: { ask: { bundle?: string | null }; answer: RawEnvText }
    save_raw_env: { ask: { bundle?: string | null; text: string; made_from: string; dry_run: boolean }; answer: RawEnvSaved }
    save_field: { ask: { bundle: string; name: string; field: string; version?: number | null; path: string }; answer: null }
  }
}
