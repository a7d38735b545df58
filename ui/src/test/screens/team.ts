import type { Screen } from '.'

export const teamScreens: Screen[] = []
