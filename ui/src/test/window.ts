// The whole window over the fake door, and what tests look at in it.

import { findByRole, getByRole, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { expect } from 'vitest'
import App from '../App.svelte'
// Compiled here, and not within the patience of the first test that opens a vault.
import '../screens/OpenVault.svelte'
import { FakeDoor, type FakeOptions } from '../ipc/fake'

export async function openWindow(options: FakeOptions = {}) {
  const door = new FakeDoor(options)
  const user = userEvent.setup()
  const view = render(App, { door })
  return { door, user, ...view }
}

/** The window with an open vault. */
export async function openMain(options: FakeOptions = {}) {
  const opened = await openWindow({ locked: false, ...options })
  await screen.findByRole('navigation')
  return opened
}

/** Chooses a file in the system's dialog, which the fake answers. */
export async function chooseFile(user: ReturnType<typeof userEvent.setup>, label: string, within = document.body) {
  await user.click(await findByRole(within, 'button', { name: `Choose a file: ${label}` }))
  const group = getByRole(within, 'group', { name: label })
  await waitFor(() => expect(group.textContent).toContain('/home/ann/'))
}

/** Answers which words stand where, of those that were shown. */
export async function answerWords(user: ReturnType<typeof userEvent.setup>, words: string[]) {
  for (const field of screen.getAllByLabelText<HTMLInputElement>(/^\s*Word \d/)) {
    const number = Number(/\d+/.exec(field.labels?.[0]?.textContent ?? '')?.[0])
    await user.clear(field)
    await user.type(field, words[number - 1] ?? '')
  }
  await user.click(screen.getByRole('button', { name: 'Confirm' }))
}

/** Selects an entry by its name, in the list of its bundle. */
export async function select(user: ReturnType<typeof userEvent.setup>, name: string) {
  const row = (await screen.findAllByRole('option')).find((option) => option.textContent.includes(name))
  if (!row) throw new Error(`${name} is not in sight`)
  await user.click(row)
  return screen.findByRole('article')
}

/** Opens the menu of a bundle in the sidebar. */
export async function openBundleMenu(user: ReturnType<typeof userEvent.setup>, bundle: string): Promise<HTMLElement[]> {
  const trigger = document.querySelector<HTMLElement>(`[data-bundle="${bundle}"] button:last-of-type`)
  if (!trigger) throw new Error(`${bundle} is not in the sidebar`)
  trigger.focus()
  await user.keyboard('{Enter}')
  // Without a layout the menu is never placed, and what is not placed is not seen.
  return screen.findAllByRole('menuitem', { hidden: true })
}

/** What fills the window beside the lists. */
export async function inPage(): Promise<HTMLElement> {
  await waitFor(() => {
    if (!document.querySelector('.pane.page')) throw new Error('no page is shown')
  })
  return document.querySelector('.pane.page') as HTMLElement
}

const TOOLS = ['team', 'sync', 'audit', 'generator', 'settings'] as const

/** Goes to one of the tools at the foot of the sidebar. */
export async function goTo(user: ReturnType<typeof userEvent.setup>, tool: (typeof TOOLS)[number]) {
  const buttons = document.querySelectorAll<HTMLElement>('nav .tools button')
  await user.click(buttons[TOOLS.indexOf(tool)] as HTMLElement)
  await inPage()
}

/** The window with an open vault, at one of its tools. */
export async function openPage(tool: (typeof TOOLS)[number], options: FakeOptions = {}) {
  const opened = await openMain(options)
  await goTo(opened.user, tool)
  return opened
}

/**
 * Opens a menu by its button, which answers to keys here and not to clicks, and chooses by text or by
 * place. Nothing is laid out here, so the menu never comes to where it would be seen.
 */
export async function chooseFromMenu(user: ReturnType<typeof userEvent.setup>, menu: HTMLElement, item: string | number) {
  menu.focus()
  await user.keyboard('{Enter}')
  const items = await screen.findAllByRole('menuitem', { hidden: true })
  const meant = typeof item === 'number' ? items[item] : items.find((one) => one.textContent === item)
  if (!meant) throw new Error(`the menu has no ${item}`)
  await user.click(meant)
}

/** What axe finds wrong, in a line each. Contrast needs a layout, and has a test of its own. */
export async function violations(): Promise<string[]> {
  const { violations: found } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
}
