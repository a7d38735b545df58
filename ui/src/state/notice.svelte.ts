// The one notice at the foot of the window: something done, perhaps to be undone, or a fault.

import { toFault } from '../ipc/client'
import type { Fault } from '../ipc/types'

export interface Notice {
  text: string
  undo?: () => Promise<void>
}

const SHOWN_FOR = 15_000

export class Notices {
  notice = $state.raw<Notice | null>(null)
  fault = $state.raw<Fault | null>(null)
  #ending: ReturnType<typeof setTimeout> | undefined

  say(notice: Notice) {
    clearTimeout(this.#ending)
    this.fault = null
    this.notice = notice
    this.#ending = setTimeout(() => (this.notice = null), SHOWN_FOR)
  }

  /** A fault stays until it is dismissed or something else is said. */
  fail(error: unknown) {
    this.notice = null
    this.fault = toFault(error)
  }

  dismiss() {
    clearTimeout(this.#ending)
    this.notice = null
    this.fault = null
  }
}
