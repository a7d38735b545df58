// The countdown until a copied value is cleared. The value itself never comes here: it is copied
// outside the web view, and cleared there whether or not anybody counts.

import type { Door } from '../ipc/client'
import type { FieldName } from '../ipc/client'

export class Clipboard {
  /** What was copied, by its name, until it is cleared. */
  copied = $state<string | null>(null)
  total = $state(0)
  left = $state(0)

  readonly #door: Door
  #ticking: ReturnType<typeof setInterval> | undefined

  constructor(door: Door) {
    this.#door = door
  }

  async copy(field: FieldName) {
    const { seconds } = await this.#door.ask('copy', field)
    this.#start(field.name, seconds)
  }

  /** Copies a text that the page shows itself, such as an invitation. */
  async copyText(text: string, what: string) {
    const { seconds } = await this.#door.ask('copy_text', { text })
    this.#start(what, seconds)
  }

  async clear() {
    await this.#door.ask('clear_clipboard', {})
    this.stop()
  }

  /** Ends the countdown, not the clearing. */
  stop() {
    clearInterval(this.#ticking)
    this.copied = null
    this.left = 0
  }

  #start(name: string, seconds: number) {
    clearInterval(this.#ticking)
    this.copied = name
    this.total = seconds
    this.left = seconds
    const end = Date.now() + seconds * 1000
    this.#ticking = setInterval(() => {
      this.left = Math.max(0, Math.ceil((end - Date.now()) / 1000))
      if (this.left === 0) this.stop()
    }, 250)
  }
}
