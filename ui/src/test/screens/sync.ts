import type { Screen } from '.'

export const syncScreens: Screen[] = []
