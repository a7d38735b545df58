// German. "Bündel", "Eintrag" and "Umgebung" are the words of the field; the person is addressed as "du".

import type { Catalogue } from './catalogue'
import { base } from './de/base'
import { entries } from './de/entries'
import { faults } from './de/faults'
import { settings } from './de/settings'
import { sync } from './de/sync'
import { team } from './de/team'

export const de: Catalogue = { ...base, ...team, ...sync, ...entries, ...settings, ...faults }
