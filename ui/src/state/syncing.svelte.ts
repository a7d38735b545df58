// The sync that runs, or the last one that ran since the unlock: it goes on whichever page is shown.

import { type Door, toFault } from '../ipc/client'
import type { Fault, ProgressView, SyncReport } from '../ipc/types'

/** How often a running sync is asked how far it is, in milliseconds. */
const ASKED_EVERY = 500

export class Syncing {
  running = $state(false)
  stopping = $state(false)
  progress = $state.raw<ProgressView | null>(null)
  report = $state.raw<SyncReport | null>(null)
  fault = $state.raw<Fault | null>(null)
  /** Unix seconds at which it ended. */
  ended = $state<number | null>(null)

  readonly #door: Door
  readonly #afterwards: () => Promise<void>
  /** Counts locks: what ends after one is not shown. */
  #turn = 0

  constructor(door: Door, afterwards: () => Promise<void>) {
    this.#door = door
    this.#afterwards = afterwards
  }

  async run(full: boolean, team: string | null = null) {
    if (this.running) return
    const turn = this.#turn
    Object.assign(this, { running: true, stopping: false, progress: null, report: null, fault: null, ended: null })
    const asking = setInterval(() => void this.#look(turn), ASKED_EVERY)
    try {
      const report = await this.#door.ask('sync', { team, full })
      if (turn === this.#turn) this.report = report
    } catch (error) {
      if (turn === this.#turn) this.fault = toFault(error)
    }
    clearInterval(asking)
    if (turn !== this.#turn) return
    Object.assign(this, { running: false, stopping: false, ended: Math.floor(Date.now() / 1000) })
    // Of a sync that failed too: part of it may have come, and remotes know why it failed.
    await this.#afterwards().catch((error: unknown) => (this.fault ??= toFault(error)))
  }

  /** Asks it to end where it is; what was fetched stays. */
  async stop() {
    this.stopping = true
    try {
      await this.#door.ask('stop_sync', {})
    } catch (error) {
      this.stopping = false
      this.fault = toFault(error)
    }
  }

  forget() {
    this.#turn += 1
    Object.assign(this, { running: false, stopping: false, progress: null, report: null, fault: null, ended: null })
  }

  async #look(turn: number) {
    const progress = await this.#door.ask('sync_progress', {}).catch(() => null)
    if (turn === this.#turn && this.running) this.progress = progress
  }
}
