// Something asked of the program by a button: one at a time, and what became of it.

import { toFault } from '../ipc/client'
import type { Fault } from '../ipc/types'

export class Attempt {
  working = $state(false)
  fault = $state.raw<Fault | null>(null)

  /** Whether it came to its end. A fault is kept to be shown. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.working) return false
    this.working = true
    this.fault = null
    try {
      await work()
      return true
    } catch (error) {
      this.fault = toFault(error)
      return false
    } finally {
      this.working = false
    }
  }
}
