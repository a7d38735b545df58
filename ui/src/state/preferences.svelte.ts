// How the window is set: kept by the program, shown at once.

import { chooseLanguage } from '../i18n/index.svelte'
import type { Door } from '../ipc/client'
import type { Settings } from '../ipc/types'
import { showTheme } from './theme'

/** How large everything can be drawn, in percent. */
export const ZOOMS = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200]

export class Preferences {
  kept = $state.raw<Settings | null>(null)
  readonly #door: Door

  constructor(door: Door) {
    this.#door = door
  }

  async load() {
    this.#show(await this.#door.ask('settings', {}))
  }

  /** Changes some of them. What the program refuses is not shown. */
  async change(part: Partial<Settings>) {
    if (!this.kept) await this.load()
    if (!this.kept) return
    this.#show(await this.#door.ask('save_settings', { ...this.kept, ...part }))
  }

  /** Draws everything a step larger or smaller; or as large as it is meant to be. */
  async zoom(to: 'larger' | 'smaller' | 'normal') {
    if (!this.kept) await this.load()
    const now = this.kept?.zoom ?? 100
    const next = { larger: ZOOMS.find((zoom) => zoom > now), smaller: ZOOMS.findLast((zoom) => zoom < now), normal: 100 }[to]
    if (next !== undefined && next !== now) await this.change({ zoom: next })
  }

  #show(settings: Settings) {
    const before = this.kept?.language ?? null
    this.kept = settings
    showTheme(settings.theme)
    if (settings.language !== before) chooseLanguage(settings.language)
  }
}
