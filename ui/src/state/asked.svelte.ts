// Terminals that ask for the first time, and wait for a person.

import type { Door } from '../ipc/client'
import type { AskedView } from '../ipc/types'

export class AskedRequests {
  /** The one that waits longest first. */
  waiting = $state.raw<AskedView[]>([])

  readonly #door: Door

  constructor(door: Door) {
    this.#door = door
  }

  /** The one that is shown. */
  get first(): AskedView | undefined {
    return this.waiting[0]
  }

  /** Without an agent, or while another window is asked, nothing waits here. */
  async look() {
    this.waiting = await this.#door.ask('list_asked', {}).catch(() => [])
  }

  /** Says yes or no; for 0 minutes: to this request alone. */
  async decide(id: number, allow: boolean, minutes: number) {
    try {
      await this.#door.ask('decide', { id, allow, minutes })
    } finally {
      await this.look()
    }
  }

  forget() {
    this.waiting = []
  }
}
