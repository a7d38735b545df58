// The ways in beside a new vault and a passphrase: backup, recovery words, keychain, another file.

import { screen } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { FAKE_PASSPHRASE } from '../ipc/fake'
import { FAKE_WORDS } from '../ipc/fake/settings'
import { chooseFile, openWindow } from './window'

test('a backup is restored on an empty machine, and unlocked', async () => {
  const { user, door } = await openWindow({ exists: false })
  await user.click(await screen.findByRole('button', { name: 'Restore a backup' }))
  await chooseFile(user, 'The backup file')
  await user.type(screen.getByLabelText('Passphrase of the backed-up vault'), FAKE_PASSPHRASE)
  await user.click(screen.getByRole('button', { name: 'Restore the backup' }))
  await screen.findByText(/The backup is restored/)
  await user.click(screen.getByRole('button', { name: 'Go to the unlock screen' }))
  await screen.findByText('Sealfold is locked')
  expect(door.calls).toContain('restore_backup')
})

test('a refused backup is said, and what was typed is gone', async () => {
  const { user } = await openWindow({ exists: false })
  await user.click(await screen.findByRole('button', { name: 'Restore a backup' }))
  await chooseFile(user, 'The backup file')
  const passphrase = screen.getByLabelText('Passphrase of the backed-up vault') as HTMLInputElement
  await user.type(passphrase, 'wrong')
  await user.click(screen.getByRole('button', { name: 'Restore the backup' }))
  expect((await screen.findByRole('alert')).textContent).toContain('does not open the backup')
  expect(passphrase.value).toBe('')
})

test('a vault that is here is moved aside', async () => {
  const { user } = await openWindow()
  await user.click(await screen.findByRole('button', { name: 'Restore a backup' }))
  // The program asks, in a dialog of its own: the page can't say so.
  expect(screen.getByText(/you are asked first/)).toBeTruthy()
  await chooseFile(user, 'The backup file')
  await user.type(screen.getByLabelText('Passphrase of the backed-up vault'), FAKE_PASSPHRASE)
  await user.click(screen.getByRole('button', { name: 'Restore the backup' }))
  await screen.findByText(/lies at/)
})

test('the recovery words unlock and set a new passphrase', async () => {
  const { user, door } = await openWindow()
  await user.click(await screen.findByRole('button', { name: 'Forgotten the passphrase?' }))
  await user.type(screen.getByLabelText(/^The 24 recovery words/), FAKE_WORDS)
  await user.type(screen.getByLabelText('The new passphrase'), 'five random words')
  await user.type(screen.getByLabelText('The passphrase again'), 'five random words')
  await user.click(screen.getByRole('button', { name: 'Unlock and set the passphrase' }))
  await screen.findByRole('navigation')
  expect(door.world.passphrase).toBe('five random words')
  expect(document.documentElement.outerHTML).not.toContain('zephyr')
})

test('the keychain unlocks where it has a slot', async () => {
  const { user } = await openWindow({ slots: [{ id: 'k', kind: 'keychain', kdf: null }] })
  await user.click(await screen.findByRole('button', { name: 'Unlock with the keychain' }))
  await screen.findByRole('navigation')
})

test('the keychain is not offered where it has no slot', async () => {
  await openWindow()
  await screen.findByText('Sealfold is locked')
  expect(screen.queryByRole('button', { name: 'Unlock with the keychain' })).toBeNull()
})

test('a team comes back by its words on an empty machine', async () => {
  const { user, door } = await openWindow({ exists: false })
  await user.click(await screen.findByRole('button', { name: 'Bring a team back' }))
  await user.type(screen.getByLabelText(/^The 24 recovery words/), FAKE_WORDS)
  await user.type(screen.getByLabelText('Where it syncs'), 'git@example.com:acme/secrets.git')
  await user.type(screen.getByLabelText('Passphrase of the new vault'), 'five random words')
  await user.type(screen.getByLabelText('The passphrase again'), 'five random words')
  await user.click(screen.getByRole('button', { name: 'Bring the team back' }))
  await screen.findByText(/The team is back/)
  expect(screen.getByText('old-laptop')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Go on' }))
  await screen.findByRole('navigation')
  expect(door.calls).toContain('recover_team')
})

test('another vault that is none is said', async () => {
  const { user } = await openWindow({ exists: false })
  await user.click(await screen.findByRole('button', { name: 'Open another vault' }))
  await chooseFile(user, 'The vault file')
  await user.click(screen.getByRole('button', { name: 'Open it' }))
  expect((await screen.findByRole('alert')).textContent).toContain('/home/ann/backups')
})
