import type { Screen } from '.'

export const settingsScreens: Screen[] = []
