// Teams, members, sharing and services of the fake vault.

import type { Answers } from '.'
import type { World } from './world'

export function answersAboutTeam(_: World): Answers {
  return {}
}
