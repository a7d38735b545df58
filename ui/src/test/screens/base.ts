// First run, lists and dialogs of the main window.

import { fireEvent, screen } from '@testing-library/svelte'
import { FAKE_PASSPHRASE } from '../../ipc/fake'
import { askedSample, sampleEntry } from '../../ipc/fake/sample'
import { openMain, openWindow, select } from '../window'
import type { Opened, Screen } from '.'

async function newVault(): Promise<Opened> {
  const opened = await openWindow({ exists: false })
  await opened.user.click((await screen.findAllByRole('button'))[0] as HTMLElement)
  return opened
}

async function words(): Promise<Opened> {
  const opened = await newVault()
  const inputs = [...document.querySelectorAll('input')]
  await opened.user.type(inputs[0] as HTMLElement, 'ann')
  for (const input of inputs.slice(1)) await opened.user.type(input, FAKE_PASSPHRASE)
  await opened.user.keyboard('{Enter}')
  await screen.findAllByRole('listitem')
  return opened
}

async function detail(name: string): Promise<Opened> {
  const opened = await openMain()
  await select(opened.user, name)
  return opened
}

async function dialog(keys: string): Promise<Opened> {
  const opened = await openMain()
  await opened.user.keyboard(keys)
  await screen.findByRole('dialog')
  return opened
}

export const baseScreens: Screen[] = [
  {
    name: 'welcome',
    open: async () => {
      const opened = await openWindow({ exists: false })
      await screen.findAllByRole('listitem')
      return opened
    },
  },
  { name: 'new vault', open: newVault },
  { name: 'words', open: words },
  {
    name: 'words asked back',
    open: async () => {
      const opened = await words()
      await opened.user.click(screen.getByRole('button'))
      return opened
    },
  },
  {
    name: 'unlock, with its error',
    open: async () => {
      const opened = await openWindow()
      await screen.findByRole('heading')
      await opened.user.keyboard('wrong{Enter}')
      await screen.findByRole('alert')
      return opened
    },
  },
  { name: 'main', open: () => openMain() },
  { name: 'main, empty', open: () => openMain({ bundles: [], entries: [] }) },
  {
    name: 'detail, with its history, a revealed value and a copied one',
    open: async () => {
      const opened = await detail('DATABASE_URL')
      const history = document.querySelector('details') as HTMLDetailsElement
      history.open = true
      await fireEvent(history, new Event('toggle'))
      await opened.user.keyboard('r')
      await opened.user.keyboard('{Control>}c{/Control}')
      await screen.findByRole('progressbar', { hidden: true })
      return opened
    },
  },
  {
    name: 'unreadable and in conflict',
    open: async () => {
      const entries = [
        sampleEntry('api/dev', 'e3b0', { unreadable: 'laptop', fields: [] }),
        sampleEntry('api/dev', 'TORN', { conflict: true }),
      ]
      const opened = await openMain({ entries })
      await select(opened.user, 'e3b0')
      return opened
    },
  },
  {
    name: 'nothing found',
    open: async () => {
      const opened = await openMain()
      await opened.user.type(screen.getByRole('searchbox'), 'no such thing')
      return opened
    },
  },
  {
    name: 'removed',
    open: async () => {
      const opened = await detail('API_TOKEN')
      await opened.user.keyboard('{Delete}')
      await screen.findByRole('navigation')
      return opened
    },
  },
  {
    name: 'quick access',
    open: async () => {
      const opened = await openMain()
      opened.door.happens('quick')
      await screen.findByRole('combobox')
      return opened
    },
  },
  {
    name: 'a terminal that asks',
    open: async () => {
      const opened = await openMain()
      opened.door.world.asked = [askedSample(1), askedSample(2)]
      opened.door.happens('asked')
      await screen.findByRole('alertdialog')
      return opened
    },
  },
  { name: 'palette', open: () => dialog('{Control>}k{/Control}') },
  {
    name: 'palette, searched',
    open: async () => {
      const opened = await dialog('{Control>}k{/Control}')
      await opened.user.keyboard('a')
      return opened
    },
  },
  { name: 'keys', open: () => dialog('{Control>}/{/Control}') },
  { name: 'new entry', open: () => dialog('{Control>}n{/Control}') },
  { name: 'edit', open: () => dialog('je') },
  { name: 'import', open: () => dialog('{Control>}i{/Control}') },
  {
    name: 'import, previewed',
    open: async () => {
      const opened = await openMain()
      const paste = new Event('paste', { bubbles: true })
      Object.assign(paste, { clipboardData: { getData: () => 'API_TOKEN=1\nFRESH=2\nwhat is this' } })
      await fireEvent(window, paste)
      await screen.findByRole('table')
      return opened
    },
  },
]
