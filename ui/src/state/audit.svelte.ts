// The rows of the audit that were asked for so far, newest first, and the question they answer.

import { type Door, toFault } from '../ipc/client'
import type { AuditView, Fault } from '../ipc/types'

export interface Wanted {
  operation: string | null
  bundle: string | null
  failed: boolean
}

export type AuditRow = AuditView & { readonly id: string; readonly searched: string }

/** Rows asked for at a time. */
const PAGE = 200

export class AuditLog {
  rows = $state.raw<readonly AuditRow[]>([])
  wanted = $state.raw<Wanted>({ operation: null, bundle: null, failed: false })
  /** Whether older rows may be there. */
  more = $state(true)
  loading = $state(false)
  fault = $state.raw<Fault | null>(null)

  readonly #door: Door
  /** Counts questions: what answers an earlier one is dropped. */
  #turn = 0

  constructor(door: Door) {
    this.#door = door
  }

  /** Begins anew. */
  async ask(wanted: Wanted) {
    this.#turn += 1
    Object.assign(this, { rows: [], wanted, more: true, loading: false, fault: null })
    await this.older()
  }

  /** Asks for the rows before the oldest one. */
  async older() {
    if (this.loading || !this.more) return
    this.loading = true
    const turn = this.#turn
    try {
      await this.#page(turn)
    } catch (error) {
      if (turn !== this.#turn) return
      this.fault = toFault(error)
      this.more = false
    }
    if (turn === this.#turn) this.loading = false
  }

  /**
   * The program is asked by time, and several rows may be of one second: those of the oldest one come
   * again and are left out. Where all that came is known, more are asked for.
   */
  async #page(turn: number) {
    const oldest = this.rows.at(-1)
    let limit = PAGE
    for (;;) {
      const until = oldest ? oldest.at + 1 : null
      const answer = await this.#door.ask('list_audit', { ...this.wanted, until, limit })
      if (turn !== this.#turn) return
      const fresh = answer.filter((row) => oldest === undefined || row.index < oldest.index)
      this.more = answer.length === limit
      if (fresh.length > 0 || !this.more) {
        this.rows = [...this.rows, ...fresh.map(prepared)]
        return
      }
      limit *= 2
    }
  }
}

function prepared(row: AuditView): AuditRow {
  const searched = [row.operation, row.bundle, ...row.names, row.detail, row.process, row.host, row.user]
    .filter(Boolean)
    .join('\n')
    .toLowerCase()
  return { ...row, id: String(row.index), searched }
}

/** Rows that hold every word of the query. */
export function searchRows(rows: readonly AuditRow[], query: string): readonly AuditRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return words.length === 0 ? rows : rows.filter((row) => words.every((word) => row.searched.includes(word)))
}

/** What the audit tells apart, by the words of the terminal. */
export const OPERATIONS = [
  'unlock',
  'get',
  'reveal',
  'copy',
  'run',
  'read',
  'inject',
  'export',
  'import',
  'set',
  'edit',
  'mv',
  'rm',
  'restore',
  'promote',
  'diff',
  'matrix',
  'bundle new',
  'bundle archive',
  'share',
  'unshare',
  'team new',
  'team policy',
  'invite',
  'join',
  'approve',
  'role',
  'verify',
  'remove',
  'device add',
  'device link',
  'device revoke',
  'service create',
  'service remove',
  'exposed done',
  'remote add',
  'remote move',
  'remote rm',
  'conflicts',
  'conflicts resolve',
  'findings acknowledge',
  'passphrase change',
  'slot add',
  'slot rm',
  'recovery new',
  'recovery use',
  'backup create',
  'backup restore',
  'escape on',
  'escape off',
  'audit verify',
] as const
