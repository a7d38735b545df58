// Slots, recovery, backups and settings of the fake vault.

import type { Answers } from '.'
import type { World } from './world'

export function answersAboutSettings(_: World): Answers {
  return {}
}
