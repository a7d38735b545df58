// Unlock and first run by other ways, and the settings.

import { screen } from '@testing-library/svelte'
import { openWindow } from '../window'
import type { Opened, Screen } from '.'

/** The welcome screen's other ways, counted from 0. */
async function otherWay(index: number): Promise<Opened> {
  const opened = await openWindow({ exists: false })
  await screen.findAllByRole('listitem')
  const ways = screen.getAllByRole('button').filter((button) => button.classList.contains('way'))
  await opened.user.click(ways[index] as HTMLElement)
  await screen.findAllByRole('textbox')
  return opened
}

/** What the unlock screen offers beside the passphrase, counted from 0. */
async function besideUnlock(index: number): Promise<Opened> {
  const opened = await openWindow()
  await screen.findByRole('heading')
  const ways = screen.getAllByRole('button').filter((button) => button.classList.contains('quiet') && !button.classList.contains('icon'))
  await opened.user.click(ways[index] as HTMLElement)
  await screen.findAllByRole('textbox')
  return opened
}

export const settingsScreens: Screen[] = [
  { name: 'restore a backup', open: () => otherWay(0) },
  { name: 'bring a team back', open: () => otherWay(1) },
  { name: 'open another vault', open: () => otherWay(2) },
  { name: 'unlock by recovery words', open: () => besideUnlock(0) },
  { name: 'restore over a vault', open: () => besideUnlock(1) },
]
