// Plaintext that the page holds anyway, such as what is being typed: it is out of sight when the window is
// left and after a while, and comes back when it is asked for. threat 51

import { onLeaving } from './leaving'

interface Options {
  /** How long it is seen after it was last shown or touched. */
  seconds?: number
  /** Whether it begins in sight. */
  shown?: boolean
  onhide?: () => void
}

export class Veil {
  shown = $state(false)

  readonly #milliseconds: number
  readonly #onhide: () => void
  #hiding: ReturnType<typeof setTimeout> | undefined

  constructor({ seconds = 60, onhide = () => {} }: Options) {
    this.#milliseconds = seconds * 1000
    this.#onhide = onhide
  }

  /** Also what a touch of it calls, so that it is not hidden under somebody's hands. */
  readonly show = () => {
    clearTimeout(this.#hiding)
    this.shown = true
    this.#hiding = setTimeout(this.hide, this.#milliseconds)
  }

  readonly hide = () => {
    clearTimeout(this.#hiding)
    if (!this.shown) return
    this.shown = false
    this.#onhide()
  }

  readonly toggle = () => (this.shown ? this.hide() : this.show())

  /** Ends its clock, with the part that it belongs to. */
  end() {
    clearTimeout(this.#hiding)
  }
}

/** For the part that calls it while it is made. */
export function veil(options: Options = {}): Veil {
  const made = new Veil(options)
  if (options.shown) made.show()
  $effect(() => {
    const end = onLeaving(made.hide)
    return () => {
      end()
      made.end()
    }
  })
  return made
}
