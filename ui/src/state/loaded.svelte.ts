// A list that is asked for when it is shown: still on its way, here, or refused.

import { toFault } from '../ipc/client'
import type { Fault } from '../ipc/types'

export class Loaded<T> {
  /** What came last. It stays in sight while it is asked for again. */
  value = $state.raw<T | null>(null)
  fault = $state.raw<Fault | null>(null)
  /** Whether an answer came at all. */
  asked = $state(false)

  #turn = 0

  /** An answer that another question has overtaken is dropped. */
  async load(ask: () => Promise<T>) {
    this.#turn += 1
    const mine = this.#turn
    try {
      const value = await ask()
      if (mine !== this.#turn) return
      this.value = value
      this.asked = true
      this.fault = null
    } catch (error) {
      if (mine === this.#turn) this.fault = toFault(error)
    }
  }
}
