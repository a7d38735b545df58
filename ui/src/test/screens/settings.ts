// Unlock and first run by other ways, and the settings.

import { screen, waitFor } from '@testing-library/svelte'
import { FAKE_WORDS } from '../../ipc/fake/settings'
import { goTo, openMain, openWindow } from '../window'
import type { Opened, Screen } from '.'

/** The welcome screen's other ways, counted from 0. */
async function otherWay(index: number): Promise<Opened> {
  const opened = await openWindow({ exists: false })
  await screen.findAllByRole('listitem')
  const ways = screen.getAllByRole('button').filter((button) => button.classList.contains('way'))
  const way = ways[index] as HTMLElement
  await opened.user.click(way)
  await waitFor(() => {
    if (way.isConnected) throw new Error('the screen is still the same')
  })
  return opened
}

/** What the unlock screen offers beside the passphrase, counted from 0. */
async function besideUnlock(index: number): Promise<Opened> {
  const opened = await openWindow()
  await screen.findByRole('heading')
  const ways = screen
    .getAllByRole('button')
    .filter((button) => button.classList.contains('quiet') && !button.classList.contains('icon'))
  const way = ways[index] as HTMLElement
  await opened.user.click(way)
  await waitFor(() => {
    if (way.isConnected) throw new Error('the screen is still the same')
  })
  return opened
}

/** A tab of the settings, counted from 0. */
async function tab(index: number): Promise<Opened> {
  const opened = await openMain()
  await goTo(opened.user, 'settings')
  await opened.user.click((await screen.findAllByRole('tab'))[index] as HTMLElement)
  await screen.findAllByRole('heading', { level: 2 })
  return opened
}

export const settingsScreens: Screen[] = [
  { name: 'restore a backup', open: () => otherWay(0) },
  { name: 'bring a team back', open: () => otherWay(1) },
  { name: 'open another vault', open: () => otherWay(2) },
  { name: 'unlock by recovery words', open: () => besideUnlock(0) },
  { name: 'restore over a vault', open: () => besideUnlock(1) },
  { name: 'settings, window', open: () => tab(0) },
  { name: 'settings, lock', open: () => tab(1) },
  {
    name: 'settings, new recovery words',
    open: async () => {
      const opened = await tab(2)
      const words = document.querySelector('section textarea') as HTMLElement
      await opened.user.click(words)
      await opened.user.paste(FAKE_WORDS)
      await opened.user.click((words.closest('form') as HTMLElement).querySelector('.row button') as HTMLElement)
      await screen.findByRole('dialog')
      return opened
    },
  },
  { name: 'settings, keys', open: () => tab(2) },
  {
    name: 'settings, backups',
    open: async () => {
      const opened = await tab(3)
      await screen.findByText('/home/ann/escape/api-prod.env.age')
      for (const details of document.querySelectorAll('details')) details.open = true
      return opened
    },
  },
  {
    name: 'settings, an escape file to be stopped',
    open: async () => {
      const opened = await tab(3)
      const path = await screen.findByText('/home/ann/escape/api-prod.env.age')
      await opened.user.click(path.closest('li')?.querySelector('header button') as HTMLElement)
      await screen.findByRole('dialog')
      return opened
    },
  },
  {
    name: 'settings, examined',
    open: async () => {
      const opened = await tab(4)
      await opened.user.click(document.querySelector('section.page section button') as HTMLElement)
      await screen.findByRole('table')
      return opened
    },
  },
]
