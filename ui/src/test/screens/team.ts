// The team's page with its parts and dialogs, joining, sharing, and what is exposed.

import { screen, waitFor, within } from '@testing-library/svelte'
import { expect } from 'vitest'
import type { FakeOptions } from '../../ipc/fake'
import { sampleTeam, SAFETY_WORDS } from '../../ipc/fake/sample_team'
import { alone } from '../../ipc/fake/team_world'
import type { TeamTab } from '../../state/vault.svelte'
import { openMain } from '../window'
import type { Opened, Screen } from '.'

/** The team's page, as it lies behind the sidebar's button. */
export async function openTeam(options: FakeOptions = {}): Promise<Opened> {
  const opened = await openMain(options)
  const pages = within(screen.getByRole('navigation')).getAllByRole('list').at(-1) as HTMLElement
  await opened.user.click(within(pages).getAllByRole('button')[0] as HTMLElement)
  return opened
}

const TABS: TeamTab[] = ['members', 'requests', 'devices', 'services', 'quarantine', 'rules']

export async function openTab(tab: TeamTab, options: FakeOptions = {}): Promise<Opened> {
  const opened = await openTeam(options)
  await opened.user.click((await screen.findAllByRole('tab'))[TABS.indexOf(tab)] as HTMLElement)
  return opened
}

/** Opens what a button leads to, of those in the page. */
async function press(tab: TeamTab, which: (button: HTMLElement) => boolean, options: FakeOptions = {}): Promise<Opened> {
  const opened = await openTab(tab, options)
  const sheet = await screen.findByRole('tabpanel')
  if (tab !== 'requests') await screen.findByRole('table')
  const button = within(sheet).getAllByRole('button').find(which)
  if (!button) throw new Error('there is no such button')
  await opened.user.click(button)
  await screen.findByRole('dialog')
  return opened
}

/** What the menu of a member offers, by its words. */
export async function openMenuOf(user: Opened['user'], name: string, item: string): Promise<HTMLElement> {
  await user.click(await screen.findByRole('button', { name: `What to do with ${name}` }))
  // Nothing is laid out here, so the menu counts as out of sight.
  const found = (await screen.findAllByRole('menuitem', { hidden: true })).find((one) => one.textContent === item)
  if (!found) throw new Error(`${item} is not in the menu of ${name}`)
  return found
}

/** Opens what the menu of a member offers. */
async function ofMember(row: number, item: number): Promise<Opened> {
  const opened = await openTab('members')
  const table = await screen.findByRole('table')
  const menu = within(within(table).getAllByRole('row')[row + 1] as HTMLElement)
    .getAllByRole('button')
    .at(-1)
  await opened.user.click(menu as HTMLElement)
  await opened.user.click((await screen.findAllByRole('menuitem', { hidden: true }))[item] as HTMLElement)
  await screen.findByRole('dialog')
  return opened
}

/** Where a bundle's menu has it. */
const SHARE = 4

const last = (buttons: HTMLElement[]) => buttons.at(-1) as HTMLElement

/** The list of what is exposed, the last of the smart lists. */
export async function openExposed(options: FakeOptions = {}): Promise<Opened> {
  const opened = await openMain(options)
  const smart = within(screen.getByRole('navigation')).getAllByRole('list')[0] as HTMLElement
  await waitFor(() => expect(within(smart).getAllByRole('button')).toHaveLength(5))
  await opened.user.click(last(within(smart).getAllByRole('button')))
  await screen.findByRole('heading', { level: 1 })
  return opened
}

/** The sharing of a bundle, from its menu. */
export async function openShare(bundle: string, options: FakeOptions = {}): Promise<Opened> {
  const opened = await openMain(options)
  const item = document.querySelector(`[data-bundle="${bundle}"]`) as HTMLElement
  await opened.user.click(last(within(item).getAllByRole('button')))
  await opened.user.click((await screen.findAllByRole('menuitem', { hidden: true }))[SHARE] as HTMLElement)
  await screen.findByRole('dialog')
  return opened
}

async function settle(): Promise<Opened> {
  const opened = await openExposed()
  await opened.user.click((await screen.findAllByRole('checkbox')).at(-1) as HTMLElement)
  await opened.user.click(document.querySelector('section.page .row button') as HTMLElement)
  await screen.findByRole('dialog')
  return opened
}

export const teamScreens: Screen[] = [
  { name: 'no team yet', open: () => openTeam({ team: alone() }) },
  {
    name: 'new team',
    open: async () => {
      const opened = await openTeam({ team: alone() })
      await opened.user.click(document.querySelector('.founding button') as HTMLElement)
      await screen.findByRole('dialog')
      return opened
    },
  },
  {
    name: 'join',
    open: async () => {
      const opened = await openTeam({ team: alone() })
      await opened.user.click(last([...document.querySelectorAll<HTMLElement>('.founding button')]))
      await screen.findByRole('dialog')
      return opened
    },
  },
  {
    name: 'waiting to be let in',
    open: () => openTeam({ team: { teams: [sampleTeam({ role: 'none', asked: SAFETY_WORDS })] } }),
  },
  { name: 'removed from the team', open: () => openTeam({ team: { teams: [sampleTeam({ role: 'none', remote: null })] } }) },
  {
    name: 'members',
    open: async () => {
      const opened = await openTab('members', {
        team: {
          teams: [
            sampleTeam({
              remote: null,
              due: [
                { is: 'bundle_key', bundle: 'api/prod', by: ['ann', 'bob'] },
                { is: 'log_key', by: [] },
                { is: 'token', service: 'ci', device: 'bobs-laptop' },
              ],
            }),
          ],
        },
      })
      await screen.findByRole('table')
      await opened.user.click(last(screen.getAllByRole('checkbox')))
      return opened
    },
  },
  {
    name: 'the menu of a member',
    open: async () => {
      const opened = await openTab('members')
      const table = await screen.findByRole('table')
      await opened.user.click(last(within(table).getAllByRole('button')))
      await screen.findAllByRole('menuitem', { hidden: true })
      return opened
    },
  },
  { name: 'own fingerprint', open: () => ofMember(0, 0) },
  { name: 'keys compared', open: () => ofMember(1, 0) },
  { name: 'what a member reads', open: () => ofMember(1, 1) },
  { name: 'role', open: () => ofMember(1, 2) },
  {
    name: 'member to be removed, with what is exposed',
    open: async () => {
      const opened = await ofMember(1, 3)
      await within(screen.getByRole('dialog')).findByRole('table')
      return opened
    },
  },
  {
    name: 'invitation',
    open: async () => {
      const opened = await openTab('members')
      await opened.user.click(document.querySelector('section.page header button.main') as HTMLElement)
      const dialog = await screen.findByRole('dialog')
      await opened.user.click(last(within(dialog).getAllByRole('button')))
      await within(dialog).findAllByRole('listitem')
      return opened
    },
  },
  { name: 'requests', open: () => openTab('requests') },
  { name: 'no requests', open: () => openTab('requests', { team: { requests: [] } }) },
  { name: 'approve', open: () => press('requests', () => true) },
  {
    name: 'approve, compared by force',
    open: async () => {
      const opened = await openTab('requests')
      await opened.user.click(last(screen.getAllByRole('button')))
      await screen.findByRole('dialog')
      return opened
    },
  },
  { name: 'take back', open: () => press('members', (button) => button.matches('.row > .link')) },
  {
    name: 'ask to return',
    open: async () => {
      const opened = await openTeam({ team: { teams: [sampleTeam({ role: 'none' })] } })
      await opened.user.click(document.querySelector('section.page .row button') as HTMLElement)
      const dialog = await screen.findByRole('dialog')
      await opened.user.click(last(within(dialog).getAllByRole('button')))
      await within(dialog).findAllByRole('listitem')
      return opened
    },
  },
  { name: 'devices', open: () => openTab('devices') },
  { name: 'device linked', open: () => press('devices', () => true) },
  {
    name: 'link answered',
    open: async () => {
      const opened = await press('devices', (button) => button.matches('.link'))
      const dialog = screen.getByRole('dialog')
      await opened.user.type(dialog.querySelector('textarea') as HTMLElement, 'sealfold-device-1-x')
      await opened.user.click(last(within(dialog).getAllByRole('button')))
      await within(dialog).findAllByRole('listitem')
      return opened
    },
  },
  { name: 'device to be revoked', open: () => press('devices', (button) => button.matches('td button')) },
  { name: 'services', open: () => openTab('services') },
  { name: 'no services', open: () => openTab('services', { team: { services: [] } }) },
  {
    name: 'service, with its token',
    open: async () => {
      const opened = await press('services', () => true)
      const dialog = screen.getByRole('dialog')
      await opened.user.type(within(dialog).getAllByRole('textbox')[0] as HTMLElement, 'x')
      await opened.user.click(within(dialog).getAllByRole('checkbox')[0] as HTMLElement)
      await opened.user.click(last(within(dialog).getAllByRole('button')))
      await within(dialog).findAllByRole('heading', { level: 3 })
      return opened
    },
  },
  { name: 'service to be removed', open: () => press('services', (button) => button.matches('td button')) },
  { name: 'quarantine', open: () => openTab('quarantine') },
  { name: 'rules', open: () => openTab('rules') },
  {
    name: 'share',
    open: async () => {
      const opened = await openShare('api/prod')
      const dialog = screen.getByRole('dialog')
      await opened.user.click((await within(dialog).findAllByRole('checkbox'))[0] as HTMLElement)
      await opened.user.click(within(within(dialog).getByRole('table')).getAllByRole('button')[0] as HTMLElement)
      return opened
    },
  },
  { name: 'share of a personal bundle', open: () => openShare('home/personal') },
  { name: 'settle', open: settle },
  {
    name: 'exposed',
    open: async () => {
      const opened = await openExposed()
      await opened.user.click(last(await screen.findAllByRole('checkbox')))
      return opened
    },
  },
  { name: 'nothing exposed', open: () => openExposed({ team: { exposed: [] } }) },
]
