// Every text of the window, in a file a subject. English is the source: other languages are typed by
// its keys, and by which of them are plurals. `{name}` is filled in.

import { base } from './en/base'
import { entries } from './en/entries'
import { faults } from './en/faults'
import { settings } from './en/settings'
import { sync } from './en/sync'
import { team } from './en/team'

export const en = { ...base, ...team, ...sync, ...entries, ...settings, ...faults } as const
