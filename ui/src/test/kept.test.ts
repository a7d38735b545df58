// What a person has typed, dropped or could undo is not taken away unasked.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import type { UserEvent } from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { personalTeam, sampleExposed } from '../ipc/fake/sample_team'
import { openTab } from './screens/team'
import { goTo, openMain, openPage } from './window'

const options = {
  bundles: [sampleBundle('api/dev')],
  entries: ['ALPHA', 'BETA', 'GAMMA'].map((name) => sampleEntry('api/dev', name)),
}

afterEach(() => vi.useRealTimers())

async function newEntry(typed = 'FRESH') {
  const opened = await openMain(options)
  await opened.user.keyboard('{Control>}n{/Control}')
  const dialog = await screen.findByRole('dialog', { name: 'New entry' })
  if (typed !== '') await opened.user.type(within(dialog).getByLabelText('Name'), typed)
  return { ...opened, dialog }
}

/** Something is done that says so, and is not undone by a button. */
async function importOne(user: UserEvent) {
  await user.keyboard('{Control>}i{/Control}')
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText('Text of the .env'), 'FRESH=1')
  await user.click(within(dialog).getByRole('button', { name: 'Preview' }))
  await user.click(await within(dialog).findByRole('button', { name: 'Import 1 change into api/dev' }))
  return screen.findByText(/1 change is imported/)
}

test('Escape asks before it discards what was typed, and the second one is an answer', async () => {
  const { user, dialog } = await newEntry()
  await user.keyboard('{Escape}')
  expect((await within(dialog).findByRole('alert')).textContent).toContain('not saved')
  await user.click(within(dialog).getByRole('button', { name: 'Go on typing' }))
  await user.keyboard('_TOO')
  expect((within(dialog).getByLabelText('Name') as HTMLInputElement).value).toBe('FRESH_TOO')
  await user.keyboard('{Escape}{Escape}')
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('where nothing was typed, or nothing is left of it, Escape closes at once', async () => {
  const { user, dialog } = await newEntry('F')
  await user.keyboard('{Backspace}{Escape}')
  await waitFor(() => expect(dialog.isConnected).toBe(false))
})

test('the palette does not take the place of a form', async () => {
  const { user, dialog } = await newEntry()
  await user.keyboard('{Control>}k{/Control}')
  expect(dialog.isConnected).toBe(true)
  expect(screen.queryByRole('dialog', { name: 'Commands' })).toBeNull()
})

test('what an owner is typing into the rules outlives a change that comes from elsewhere', async () => {
  const { user, door } = await openTab('rules')
  const days = (await screen.findByLabelText(/Days until a silent device/)) as HTMLInputElement
  await user.clear(days)
  await user.type(days, '12')
  const asked = () => door.calls.filter((call) => call === 'team_policy').length
  const before = asked()
  door.happens('changed')
  await waitFor(() => expect(asked()).toBeGreaterThan(before))
  await new Promise((resolve) => setTimeout(resolve))
  expect(days.value).toBe('12')
})

test('rules that nobody is changing follow what comes from elsewhere', async () => {
  const { door } = await openTab('rules')
  const days = (await screen.findByLabelText(/Days until a silent device/)) as HTMLInputElement
  door.world.team.policy = { ...door.world.team.policy, stale_after_days: 7 }
  door.happens('changed')
  await waitFor(() => expect(days.value).toBe('7'))
})

test('a file that falls on the window fills the import that is open', async () => {
  const { user } = await openMain(options)
  await user.keyboard('{Control>}i{/Control}')
  const dialog = await screen.findByRole('dialog')
  const fall = (file: File) => {
    const drop = new Event('drop', { bubbles: true, cancelable: true })
    Object.assign(drop, { dataTransfer: { files: [file] } })
    return fireEvent(window, drop)
  }
  await fall(new File(['x'.repeat(1_000_001)], 'disk.img'))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('disk.img is too large')
  await fall(new File(['FRESH=1'], '.env'))
  await waitFor(() => expect((within(dialog).getByLabelText('Text of the .env') as HTMLTextAreaElement).value).toBe('FRESH=1'))
  expect(within(dialog).queryByRole('alert')).toBeNull()
})

test('an undo stays until it is used, also when something else is said', async () => {
  const { user } = await openMain(options)
  vi.useFakeTimers({ shouldAdvanceTime: true })
  await user.keyboard('j{Delete}')
  await screen.findByText('ALPHA is removed.')
  await vi.advanceTimersByTimeAsync(60_000)
  await user.keyboard('j{Delete}')
  await screen.findByText('BETA is removed.')
  expect(screen.queryByText('ALPHA is removed.')).toBeNull()
  await importOne(user)
  await vi.advanceTimersByTimeAsync(60_000)
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await screen.findByRole('option', { name: /BETA/ })
})

test('the clock of a notice stands still while somebody is at it', async () => {
  const { user } = await openMain(options)
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const notice = await importOne(user)
  await user.hover(notice)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(screen.queryByText(/1 change is imported/)).toBeTruthy()
  await user.unhover(notice)
  await vi.advanceTimersByTimeAsync(16_000)
  expect(screen.queryByText(/1 change is imported/)).toBeNull()
})

test('what is exposed is counted by entries, beside the list as on its page', async () => {
  const exposed = [
    sampleExposed('api/prod', 'DATABASE_URL'),
    sampleExposed('api/prod', 'API_TOKEN'),
    sampleExposed('api/prod', 'API_TOKEN', { version: 2 }),
  ]
  const { user } = await openMain({ team: { exposed } })
  const button = await within(screen.getByRole('navigation')).findByRole('button', { name: 'Exposed 2' })
  await user.click(button)
  await screen.findByText(/^2 .* left$/)
})

test('a remote is added for the team that was meant, also where two bear its name', async () => {
  const twin = { ...personalTeam(), id: 'ffff0000ffff0000', name: 'acme', members: 3, remote: null }
  const { user, door } = await openPage('sync', { team: { teams: [twin, { ...twin, id: 'eeee0000eeee0000' }] } })
  let asked: unknown
  door.answers.add_remote = (ask) => {
    asked = ask.team
    return door.world.remotes[0]!
  }
  await user.click((await screen.findAllByRole('button', { name: 'Add a remote' }))[1] as HTMLElement)
  const dialog = await screen.findByRole('dialog', { name: 'Add a remote for acme' })
  await user.type(within(dialog).getAllByRole('textbox')[0] as HTMLElement, '/mnt/secrets')
  await user.click(within(dialog).getByRole('button', { name: 'Add and sync' }))
  await waitFor(() => expect(asked).toBe('id:eeee0000eeee0000'))
})

test('how long ago something was grows while the window stays open', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const at = Date.now() / 1000
  const { user } = await openMain({ ...options, entries: [sampleEntry('api/dev', 'ALPHA', { updated: at })] })
  await user.keyboard('j')
  const detail = await screen.findByRole('article')
  expect(within(detail).getAllByText('now').length).toBeGreaterThan(0)
  await vi.advanceTimersByTimeAsync(121_000)
  expect(within(detail).getAllByText('2 minutes ago').length).toBeGreaterThan(0)
  await goTo(user, 'settings')
})
