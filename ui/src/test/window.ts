// The whole window over the fake door, and what tests look at in it.

import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import App from '../App.svelte'
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

/** Selects an entry by its name, in the list of its bundle. */
export async function select(user: ReturnType<typeof userEvent.setup>, name: string) {
  const row = (await screen.findAllByRole('option')).find((option) => option.textContent.includes(name))
  if (!row) throw new Error(`${name} is not in sight`)
  await user.click(row)
  return screen.findByRole('article')
}

/** What axe finds wrong, in a line each. Contrast needs a layout, and has a test of its own. */
export async function violations(): Promise<string[]> {
  const { violations: found } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
}
