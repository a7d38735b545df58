// The fake door, set up by the address: `?new` without a vault, `?open` unlocked, `?empty` with
// nothing in it, `?waiting` to be let into a team, `?many` with 100,000 entries, `?slow` with a sync without an end. `?theme=` and `?language=` choose how it looks.

import { setLanguage, type Language } from '../i18n/index.svelte'
import { THEMES } from '../state/theme'
import { FakeDoor, type FakeOptions } from './fake'
import { manyEntries } from './fake/sample'
import { sampleTeam, SAFETY_WORDS } from './fake/sample_team'
import { alone } from './fake/team_world'

export function lookingDoor(address: URLSearchParams): FakeDoor {
  const options: FakeOptions = { exists: !address.has('new'), locked: !address.has('open') }
  if (address.has('empty')) Object.assign(options, { bundles: [], entries: [], remotes: [], audit: [], team: alone() })
  if (address.has('waiting')) options.team = { teams: [sampleTeam({ name: 'b0b0b0b0', role: 'none', asked: SAFETY_WORDS })] }
  if (address.has('many')) options.entries = manyEntries(100_000)
  const door = new FakeDoor(options)
  const theme = THEMES.find((one) => one === address.get('theme'))
  if (theme) door.world.settings = { ...door.world.settings, theme }
  const language = address.get('language')
  if (language) setLanguage(language as Language)
  // A sync that does not end, to look at its progress.
  if (address.has('slow')) door.answers.sync = () => new Promise(() => {})
  return door
}
