import type { Screen } from '.'

export const entriesScreens: Screen[] = []
