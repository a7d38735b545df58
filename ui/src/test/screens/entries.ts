// Entries of every kind, bundles as table and text, environments side by side, the generator.

import { fireEvent, screen, within } from '@testing-library/svelte'
import { KINDS } from '../../state/kinds'
import { chooseFromMenu, inPage, openBundleMenu, openMain, openPage, select } from '../window'
import type { Opened, Screen } from '.'

async function detail(bundle: string, name: string): Promise<Opened> {
  const opened = await openMain()
  await opened.user.click(document.querySelector(`[data-bundle="${bundle}"] .item`) as HTMLElement)
  await select(opened.user, name)
  return opened
}

/** The entry chosen in a bundle's menu, counted from the first. */
async function fromMenu(bundle: string, item: number): Promise<Opened> {
  const opened = await openMain()
  const items = await openBundleMenu(opened.user, bundle)
  await opened.user.click(items[item] as HTMLElement)
  return opened
}

const chosen = async (opened: Opened, index: number, value: string) => {
  const dialog = await screen.findByRole('dialog')
  await opened.user.selectOptions(within(dialog).getAllByRole('combobox')[index] as HTMLElement, value)
}

const forms: Screen[] = KINDS.map((kind) => ({
  name: `new ${kind}`,
  open: async () => {
    const opened = await openMain()
    await opened.user.keyboard('{Control>}n{/Control}')
    await chosen(opened, 1, kind)
    const more = (await screen.findByRole('dialog')).querySelector('details') as HTMLDetailsElement
    more.open = true
    return opened
  },
}))

const [TABLE, TEXT, , EXPORT] = [0, 1, 2, 3]

export const entriesScreens: Screen[] = [
  ...forms,
  { name: 'login', open: () => detail('home/personal', 'registrar') },
  {
    name: 'one-time password with its code',
    open: async () => {
      const opened = await detail('home/personal', 'registrar-code')
      await opened.user.keyboard('r')
      await screen.findByRole('progressbar', { hidden: true })
      return opened
    },
  },
  {
    name: 'certificate, one of its fields saved to a file',
    open: async () => {
      const opened = await detail('api/prod', 'tls')
      const buttons = within(screen.getByRole('article')).getAllByRole('button')
      const save = buttons.find((button) => button.querySelector('path')?.getAttribute('d')?.startsWith('M8 9.5V2.5'))
      await opened.user.click(save as HTMLElement)
      await screen.findByRole('dialog')
      return opened
    },
  },
  {
    name: 'an earlier version, looked at',
    open: async () => {
      const opened = await detail('api/prod', 'DATABASE_URL')
      const history = screen.getByRole('article').querySelector('details') as HTMLDetailsElement
      history.open = true
      await fireEvent(history, new Event('toggle'))
      const [look] = await within(history).findAllByRole('button')
      await opened.user.click(look as HTMLElement)
      return opened
    },
  },
  {
    name: 'moved to where others read it',
    open: async () => {
      const opened = await detail('api/dev', 'API_TOKEN')
      const [, , menu] = within(screen.getByRole('article')).getAllByRole('button')
      await chooseFromMenu(opened.user, menu as HTMLElement, 0)
      await chosen(opened, 0, 'api/prod')
      return opened
    },
  },
  {
    name: 'bundle as a table, a value being given',
    open: async () => {
      const opened = await fromMenu('api/prod', TABLE)
      const rows = await within(await inPage()).findAllByRole('row')
      await opened.user.click(within(rows[1] as HTMLElement).getAllByRole('button')[1] as HTMLElement)
      return opened
    },
  },
  {
    name: 'bundle as text, changed and previewed',
    open: async () => {
      const opened = await fromMenu('api/prod', TEXT)
      const page = await inPage()
      await opened.user.click(page.querySelector('button.main') as HTMLElement)
      const text = await within(page).findByRole('textbox')
      await opened.user.type(text, 'FRESH=1 # what\nnonsense')
      await opened.user.click(page.querySelector('button.main') as HTMLElement)
      await within(page).findByRole('table')
      return opened
    },
  },
  { name: 'export', open: () => fromMenu('api/prod', EXPORT) },
  {
    name: 'export in plain',
    open: async () => {
      const opened = await fromMenu('api/prod', EXPORT)
      await opened.user.click((await screen.findAllByRole('radio'))[1] as HTMLElement)
      return opened
    },
  },
  {
    name: 'archived bundles',
    open: async () => {
      const opened = await openMain()
      await opened.door.ask('archive_bundle', { name: 'web/dev', undo: false, dry_run: false })
      const link = screen.getByRole('navigation').querySelector('.projects > button:last-child')
      await opened.user.click(link as HTMLElement)
      await within(await screen.findByRole('dialog')).findByRole('listitem')
      return opened
    },
  },
  {
    name: 'environments, about to be promoted',
    open: async () => {
      const opened = await openMain()
      await opened.user.click(screen.getByRole('navigation').querySelector('.project button') as HTMLElement)
      const page = await inPage()
      const [from, to] = await within(page).findAllByRole('combobox')
      await opened.user.selectOptions(from as HTMLElement, 'api/staging')
      await opened.user.selectOptions(to as HTMLElement, 'api/prod')
      await opened.user.click((await within(page).findAllByRole('checkbox'))[0] as HTMLElement)
      await opened.user.click(page.querySelector('button.main') as HTMLElement)
      await within(await screen.findByRole('dialog')).findByRole('table')
      return opened
    },
  },
  {
    name: 'generator',
    open: async () => {
      const opened = await openPage('generator')
      await opened.user.click((await inPage()).querySelector('button.main') as HTMLElement)
      await screen.findByRole('meter')
      return opened
    },
  },
]
