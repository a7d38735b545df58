// Plaintext that a person asked to see: held by the part that shows it, and only while it is seen.
// It is dropped when hidden, when the window loses the focus or is covered, after a while, and with
// the part itself, as when the vault is locked. threat 51

import { toFault } from '../ipc/client'
import type { Fault } from '../ipc/types'
import { onLeaving } from './leaving'

export class Brief<T> {
  held = $state.raw<T | null>(null)
  fault = $state.raw<Fault | null>(null)

  readonly #milliseconds: number
  #hiding: ReturnType<typeof setTimeout> | undefined
  /** Counts what was asked and hidden, so that an answer that comes too late is not shown. */
  #turn = 0

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds
  }

  async show(ask: () => Promise<T>) {
    this.hide()
    const turn = this.#turn
    this.fault = null
    try {
      const answer = await ask()
      if (turn !== this.#turn) return
      this.held = answer
      this.#hiding = setTimeout(() => this.hide(), this.#milliseconds)
    } catch (error) {
      if (turn === this.#turn) this.fault = toFault(error)
    }
  }

  /** Replaces what is seen, if it still is, without showing it for longer. */
  async renew(ask: () => Promise<T>) {
    const turn = this.#turn
    try {
      const answer = await ask()
      if (turn === this.#turn) this.held = answer
    } catch (error) {
      if (turn !== this.#turn) return
      this.hide()
      this.fault = toFault(error)
    }
  }

  readonly hide = () => {
    this.#turn += 1
    clearTimeout(this.#hiding)
    this.held = null
  }
}

/** For the part that calls it while it is made. */
export function briefly<T>({ seconds = 30 } = {}): Brief<T> {
  const brief = new Brief<T>(seconds * 1000)
  $effect(() => {
    const end = onLeaving(brief.hide)
    return () => {
      end()
      brief.hide()
    }
  })
  return brief
}
