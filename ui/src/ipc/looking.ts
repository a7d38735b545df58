// The fake door, set up by the address: `?new` without a vault, `?open` unlocked, `?empty` with
// nothing in it, `?many` with 100,000 entries. `?theme=` and `?language=` choose how it looks.

import { setLanguage, type Language } from '../i18n/index.svelte'
import { chooseTheme, THEMES } from '../state/theme'
import { FakeDoor, type FakeOptions } from './fake'
import { manyEntries } from './fake/sample'

export function lookingDoor(address: URLSearchParams): FakeDoor {
  const theme = THEMES.find((one) => one === address.get('theme'))
  if (theme) chooseTheme(theme)
  const language = address.get('language')
  if (language) setLanguage(language as Language)
  const options: FakeOptions = { exists: !address.has('new'), locked: !address.has('open') }
  if (address.has('empty')) Object.assign(options, { bundles: [], entries: [] })
  if (address.has('many')) options.entries = manyEntries(100_000)
  return new FakeDoor(options)
}
