// Where something can be done about a fault, by its code.

import type { PlainKey } from '../i18n/index.svelte'
import type { Code } from '../ipc/types'
import type { App } from './app.svelte'
import type { Place } from './vault.svelte'

/** What is said of a fault: its code, or that something compared by two people differs. */
export type Said = Code | 'differs'

export interface Way {
  text: PlainKey
  go: () => void
}

const PLACES: Partial<Record<Said, { text: PlainKey; place: Place }>> = {
  unexpected: { text: 'fault.to_health', place: { is: 'settings', tab: 'health' } },
  integrity: { text: 'fault.to_health', place: { is: 'settings', tab: 'health' } },
  findings: { text: 'team.to_sync', place: { is: 'sync' } },
  remote: { text: 'team.to_sync', place: { is: 'sync' } },
}

/** Nothing where nothing can be done, or where one is there already. */
export function wayOf(app: App, said: Said): Way | null {
  if (said === 'locked') return { text: 'restore.unlock', go: () => void app.refresh() }
  const { vault } = app
  const way = PLACES[said]
  if (!way || !vault || app.stage !== 'main' || vault.place.is === way.place.is) return null
  return {
    text: way.text,
    go: () => {
      app.dialog = null
      app.notices.dismiss('fault')
      vault.go(way.place)
    },
  }
}
