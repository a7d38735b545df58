// Remotes, the sync that runs, findings, and conflicts.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import type { SyncReport } from '../ipc/types'
import { chooseFromMenu, goTo, openMain, select } from './window'

async function openSync(options = {}) {
  const opened = await openMain(options)
  await goTo(opened.user, 'sync')
  await screen.findByRole('region', { name: 'Remotes' })
  return opened
}

test('each remote says where it is, how it stands and what to do', async () => {
  await openSync()
  const remotes = within(screen.getByRole('region', { name: 'Remotes' })).getAllByRole('listitem')
  const text = (index: number) => remotes[index]?.textContent ?? ''
  expect(text(0)).toContain('git@git.example.com:acme/secrets.git')
  expect(text(0)).toContain('Something is wrong')
  expect(text(1)).toContain('did not answer within 30 seconds')
  expect(text(1)).toContain('sync again')
  expect(text(2)).toContain('You are out')
  expect(text(3)).toContain('Syncs nowhere')
})

test('a sync shows how far it is, and what came of it, also when the page was left meanwhile', async () => {
  const { user, door } = await openSync()
  const real = await door.ask('sync', { full: false })
  let end = (_: SyncReport) => {}
  door.answers.sync = () => new Promise((resolve) => (end = resolve))
  await user.click(screen.getByRole('button', { name: 'Sync now' }))
  await screen.findByText(/of 240 objects fetched/)
  await goTo(user, 'audit')
  await goTo(user, 'sync')
  await screen.findByRole('progressbar')
  end(real)
  const outcome = await screen.findByRole('region', { name: 'The last sync' })
  expect(outcome.textContent).toContain('18 changes came:')
  expect(outcome.textContent).toContain('1 request to join came.')
  expect(within(outcome).getByRole('alert').textContent).toContain('did not answer')
  await user.click(within(outcome).getByRole('button', { name: 'api/prod' }))
  await screen.findByRole('region', { name: 'Entries' })
})

test('a running sync can be stopped, and that is no error', async () => {
  const { user, door } = await openSync()
  let fail = (_: unknown) => {}
  door.answers.sync = () => new Promise((_, reject) => (fail = reject))
  await user.click(screen.getByRole('button', { name: 'Sync now' }))
  await user.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(door.calls).toContain('stop_sync')
  fail({ code: 'aborted', message: 'The sync was stopped.', subject: null, next: null })
  await screen.findByText(/What had come by then is kept/)
  expect(screen.queryByRole('progressbar')).toBeNull()
})

test('a sync that ends after a lock shows nothing at the next unlock', async () => {
  const { user, door } = await openSync()
  const real = await door.ask('sync', { full: false })
  let end = (_: SyncReport) => {}
  door.answers.sync = () => new Promise((resolve) => (end = resolve))
  await user.click(screen.getByRole('button', { name: 'Sync now' }))
  door.lockElsewhere()
  end(real)
  await user.type(await screen.findByLabelText('Passphrase'), 'correct horse{Enter}')
  await screen.findByRole('navigation')
  await goTo(user, 'sync')
  await screen.findByRole('region', { name: 'Remotes' })
  expect(screen.queryByRole('region', { name: 'The last sync' })).toBeNull()
})

test('a remote is added and synced; credentials in an address are refused', async () => {
  const { user, door } = await openMain({ remotes: [] })
  await goTo(user, 'sync')
  await user.click(await screen.findByRole('button', { name: 'Add a remote' }))
  const dialog = await screen.findByRole('dialog')
  const location = within(dialog).getByLabelText('Where it syncs')
  await user.type(location, 'https://ann:secret@example.com/x.git{Enter}')
  expect((await within(dialog).findByRole('alert')).textContent).toContain('never holds credentials')
  await user.clear(location)
  await user.type(location, 'folder:/srv/share/acme{Enter}')
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  await screen.findByText('folder:/srv/share/acme')
  expect(door.calls).toContain('sync')
})

test('a forgotten remote comes back by undo', async () => {
  const { user, door } = await openSync()
  await chooseFromMenu(user, screen.getByRole('button', { name: /remote of old-agency/ }), 'Forget…')
  const dialog = await screen.findByRole('dialog')
  await user.click(within(dialog).getByRole('button', { name: 'Forget the remote of old-agency' }))
  await waitFor(() => expect(door.world.remotes.map((one) => one.team)).not.toContain('old-agency'))
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(door.world.remotes.map((one) => one.team)).toContain('old-agency'))
})

test('a move says which services stay behind', async () => {
  const { user } = await openSync()
  await chooseFromMenu(user, screen.getByRole('button', { name: /remote of acme/ }), 'Move…')
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText('Where it syncs'), 's3://elsewhere/team')
  await user.click(within(dialog).getByRole('button', { name: 'Move acme' }))
  await within(dialog).findByText('ci')
})

test('a finding that a person knows of is put aside, and stays to be read', async () => {
  const { user, door } = await openSync()
  const findings = screen.getByRole('region', { name: 'Findings' })
  await user.click(within(findings).getByRole('button', { name: 'I know of it' }))
  await within(findings).findByText('2 that you know of')
  expect(door.world.findings.every((one) => one.acknowledged !== null)).toBe(true)
})

const torn = {
  bundles: [sampleBundle('api/dev')],
  entries: [sampleEntry('api/dev', 'ALPHA', { conflict: true })],
}

/** The resolver, by the banner of the entry. */
async function openResolver() {
  const opened = await openMain(torn)
  await select(opened.user, 'ALPHA')
  await opened.user.click(screen.getByRole('button', { name: 'Settle…' }))
  const dialog = await screen.findByRole('dialog', { name: 'Settle the conflict of ALPHA' })
  await within(dialog).findByRole('region', { name: '2: by bob' })
  return { ...opened, dialog }
}

const PLAINTEXT = /plaintext-of-side/

// threat 51
test('the sides of a conflict are hidden, are revealed one by one, and are gone on blur', async () => {
  const { user, dialog, door } = await openResolver()
  expect(door.calls).not.toContain('reveal_conflict')
  await user.click(within(dialog).getByRole('button', { name: 'Reveal: 2: by bob' }))
  await within(dialog).findByText('plaintext-of-side-2-value')
  expect(document.documentElement.outerHTML).not.toContain('plaintext-of-side-1')
  await fireEvent.blur(window)
  await waitFor(() => expect(document.documentElement.outerHTML).not.toMatch(PLAINTEXT))
})

// threat 51
test('what a side shows is gone when its dialog is closed, and when the vault is locked', async () => {
  const { user, dialog, door } = await openResolver()
  await user.click(within(dialog).getByRole('button', { name: 'Reveal: 1: yours' }))
  await within(dialog).findByText('plaintext-of-side-1-value')
  await user.keyboard('{Escape}')
  await waitFor(() => expect(document.documentElement.outerHTML).not.toMatch(PLAINTEXT))
  await user.click(screen.getByRole('button', { name: 'Settle…' }))
  const again = await screen.findByRole('dialog')
  await user.click(await within(again).findByRole('button', { name: 'Reveal: 1: yours' }))
  await within(again).findByText('plaintext-of-side-1-value')
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  await waitFor(() => expect(document.documentElement.outerHTML).not.toMatch(PLAINTEXT))
})

test('a side is taken, and the conflict is gone everywhere', async () => {
  const { user, dialog, door } = await openResolver()
  await user.click(within(dialog).getByRole('button', { name: 'Take “2: by bob”' }))
  await screen.findByText('The conflict of ALPHA is settled.')
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(screen.queryByRole('button', { name: 'Settle…' })).toBeNull()
  expect(door.world.entries[0]?.conflict).toBe(false)
})

test('a value of one’s own can be written instead', async () => {
  const { user, dialog } = await openResolver()
  await user.click(within(dialog).getByRole('button', { name: 'Write another value…' }))
  await screen.findByRole('dialog', { name: 'Edit ALPHA' })
})

test('a conflict that another device settled meanwhile is said to be', async () => {
  const { user, door } = await openMain(torn)
  await select(user, 'ALPHA')
  door.answers.list_conflicts = () => []
  await user.click(screen.getByRole('button', { name: 'Settle…' }))
  await screen.findByText('This conflict is settled by now.')
})
