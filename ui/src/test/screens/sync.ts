// Sync, its dialogs, and conflicts.

import { screen, waitFor, within } from '@testing-library/svelte'
import { expect } from 'vitest'
import type { FakeOptions } from '../../ipc/fake'
import { chooseFromMenu, goTo, openMain } from '../window'
import type { Opened, Screen } from '.'

async function page(options: FakeOptions = {}): Promise<Opened> {
  const opened = await openMain(options)
  await goTo(opened.user, 'sync')
  await waitFor(() => expect(document.querySelector('section.page > section li')).not.toBeNull())
  return opened
}

/** An item of the menu of the first remote, counted from 0. */
async function fromMenu(index: number): Promise<Opened> {
  const opened = await page()
  const trigger = document.querySelector<HTMLElement>('section.page [data-dropdown-menu-trigger]')
  if (!trigger) throw new Error('there is no menu')
  await chooseFromMenu(opened.user, trigger, index)
  await screen.findByRole('dialog')
  return opened
}

export const syncScreens: Screen[] = [
  {
    name: 'sync, after one',
    open: async () => {
      const opened = await page()
      const main = document.querySelector<HTMLElement>('.page header button.main')
      await opened.user.click(main as HTMLElement)
      await screen.findAllByRole('alert')
      return opened
    },
  },
  {
    name: 'sync, while it runs',
    open: async () => {
      const opened = await page()
      opened.door.answers.sync = () => new Promise(() => {})
      await opened.user.click(document.querySelector('.page header button.main') as HTMLElement)
      await screen.findByRole('progressbar')
      return opened
    },
  },
  {
    name: 'sync, empty',
    open: async () => {
      const opened = await openMain({ remotes: [], bundles: [], entries: [] })
      await goTo(opened.user, 'sync')
      await screen.findAllByRole('heading', { level: 1 })
      return opened
    },
  },
  { name: 'move a remote', open: () => fromMenu(1) },
  { name: 'forget a remote', open: () => fromMenu(2) },
  {
    name: 'add a remote',
    open: async () => {
      const opened = await page()
      await opened.user.click(document.querySelector('section.page > section li:last-child button') as HTMLElement)
      await screen.findByRole('dialog')
      return opened
    },
  },
  {
    name: 'a conflict, one side revealed',
    open: async () => {
      const opened = await page()
      const [, conflicts] = document.querySelectorAll<HTMLElement>('section.page > section')
      await opened.user.click(within(conflicts as HTMLElement).getAllByRole('button')[0] as HTMLElement)
      const dialog = await screen.findByRole('dialog')
      const [side] = await within(dialog).findAllByRole('region')
      await opened.user.click(within(side as HTMLElement).getAllByRole('button')[0] as HTMLElement)
      await within(dialog).findByText(/plaintext-of-side/)
      return opened
    },
  },
  {
    name: 'audit, verified, with a row',
    open: async () => {
      const opened = await openMain()
      await goTo(opened.user, 'audit')
      const rows = await screen.findAllByRole('option')
      await opened.user.click(rows.find((row) => row.closest('[role=listbox]')) as HTMLElement)
      await opened.user.click(document.querySelector('section.page > header .row button') as HTMLElement)
      await screen.findAllByRole('definition')
      await screen.findByText('8c2f19d04be77a31c05d')
      return opened
    },
  },
  {
    name: 'audit, empty',
    open: async () => {
      const opened = await openMain({ audit: [] })
      await goTo(opened.user, 'audit')
      await screen.findByRole('searchbox')
      return opened
    },
  },
]
