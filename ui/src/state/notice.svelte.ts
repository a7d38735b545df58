// What stands at the foot of the window: something done, something done that can be undone, a fault.

import { toFault } from '../ipc/client'
import type { Fault } from '../ipc/types'

export interface Notice {
  text: string
  undo?: () => Promise<void>
}

const SHOWN_FOR = 15_000

export class Notices {
  /** Goes by itself. */
  notice = $state.raw<Notice | null>(null)
  /** Stays until it is dismissed or something else can be undone: it may be the only way back. */
  undoable = $state.raw<Required<Notice> | null>(null)
  /** Stays until it is dismissed or something else is said. */
  fault = $state.raw<Fault | null>(null)
  #ending: ReturnType<typeof setTimeout> | undefined

  readonly shown = $derived(this.notice !== null || this.undoable !== null || this.fault !== null)

  say({ text, undo }: Notice) {
    this.fault = null
    this.notice = undo ? null : { text }
    if (undo) this.undoable = { text, undo }
    this.release()
  }

  fail(error: unknown) {
    this.notice = null
    this.fault = toFault(error)
  }

  /** Does something whose fault is said here, and whose success shows by itself. */
  async attempt(work: () => Promise<unknown>) {
    try {
      await work()
    } catch (error) {
      this.fail(error)
    }
  }

  /** While somebody is at the notice, it stays. */
  hold() {
    clearTimeout(this.#ending)
  }

  release() {
    clearTimeout(this.#ending)
    this.#ending = setTimeout(() => (this.notice = null), SHOWN_FOR)
  }

  dismiss(what: 'notice' | 'undoable' | 'fault') {
    this[what] = null
  }

  dismissAll() {
    clearTimeout(this.#ending)
    this.notice = this.undoable = this.fault = null
  }
}
