// Every screen and dialog, each opened anew: for what must hold of all of them. They are found by
// role and not by text, so that they open in every language.

import type { openWindow } from '../window'
import { baseScreens } from './base'
import { entriesScreens } from './entries'
import { settingsScreens } from './settings'
import { syncScreens } from './sync'
import { teamScreens } from './team'

export type Opened = Awaited<ReturnType<typeof openWindow>>

export interface Screen {
  name: string
  open: () => Promise<Opened>
}

export const openScreens: Screen[] = [...baseScreens, ...entriesScreens, ...teamScreens, ...syncScreens, ...settingsScreens]
