// Settings are kept by the program and shown at once; keys, backups and escape files are looked after.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { FAKE_PASSPHRASE } from '../ipc/fake'
import { FAKE_WORDS } from '../ipc/fake/settings'
import { sampleWords } from '../ipc/fake/sample'
import { answerWords, chooseFile, goTo, openMain } from './window'

async function openTab(name: string) {
  const opened = await openMain()
  await goTo(opened.user, 'settings')
  await opened.user.click(await screen.findByRole('tab', { name }))
  return opened
}

test('a theme and a language are kept by the program and shown at once', async () => {
  const { user, door } = await openTab('Window')
  await user.click(await screen.findByLabelText('Dark'))
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'))
  expect(door.world.settings.theme).toBe('dark')
  await user.selectOptions(screen.getByLabelText('Language'), 'de')
  await screen.findByRole('heading', { name: 'Einstellungen' })
  expect(door.world.settings.language).toBe('de')
  await user.selectOptions(screen.getByLabelText('Sprache'), '')
  await screen.findByRole('heading', { name: 'Settings' })
  await user.click(screen.getByLabelText('As the system', { selector: 'input' }))
  await waitFor(() => expect(document.documentElement.dataset.theme).toBeUndefined())
})

test('what the program refuses to keep is said, and not shown', async () => {
  const { user, door } = await openTab('Window')
  await screen.findByLabelText('Dark')
  door.failures.set('save_settings', {
    code: 'io',
    message: 'The settings can not be written.',
    subject: null,
    next: 'Free some space.',
  })
  await user.click(screen.getByLabelText('Dark'))
  expect((await screen.findByRole('alert')).textContent).toContain('Free some space')
  expect(document.documentElement.dataset.theme).toBeUndefined()
})

test('the shortcut is taken as it is pressed, and can be turned off', async () => {
  const { user, door } = await openTab('Window')
  const button = await screen.findByRole('button', { name: /Quick access/ })
  await user.click(button)
  await fireEvent.keyDown(button, { key: 'k', code: 'KeyK', ctrlKey: true, altKey: true })
  await waitFor(() => expect(door.world.settings.quick_shortcut).toBe('Ctrl+Alt+K'))
  expect(screen.queryByRole('dialog')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Turn off' }))
  await waitFor(() => expect(door.world.settings.quick_shortcut).toBeNull())
})

test('a number out of its bounds is put back', async () => {
  const { user, door } = await openTab('Lock and clipboard')
  const minutes = (await screen.findByLabelText(/Minutes without use/)) as HTMLInputElement
  await user.clear(minutes)
  await user.type(minutes, '999{Tab}')
  await waitFor(() => expect(minutes.value).toBe('15'))
  await user.clear(minutes)
  await user.type(minutes, '5{Tab}')
  await waitFor(() => expect(door.world.settings.lock_after_minutes).toBe(5))
  await user.click(screen.getByLabelText('Lock when the computer goes to sleep'))
  await waitFor(() => expect(door.world.settings.lock_on_sleep).toBe(false))
  await user.click(screen.getByLabelText('Lock when nobody uses the vault'))
  await waitFor(() => expect(door.world.settings.lock_when_idle).toBe(false))
  expect(minutes.disabled).toBe(true)
})

test('what the program refuses is put back', async () => {
  const { user, door } = await openTab('Lock and clipboard')
  const idle = (await screen.findByLabelText('Lock when nobody uses the vault')) as HTMLInputElement
  const refused = { code: 'aborted', message: 'The vault locks as before.', subject: null, next: null } as const
  door.failures.set('save_settings', refused)
  await user.click(idle)
  await waitFor(() => expect(idle.checked).toBe(true))
  expect(door.world.settings.lock_when_idle).toBe(true)
})

test('the passphrase is changed with the current one only', async () => {
  const { user, door } = await openTab('Passphrase and recovery')
  const current = await screen.findByLabelText('The current passphrase')
  const change = async (given: string) => {
    await user.type(current, given)
    await user.click(screen.getByRole('button', { name: 'Change the passphrase' }))
  }
  await user.type(screen.getByLabelText('The new passphrase'), 'five random words')
  await user.type(screen.getByLabelText('The new passphrase again'), 'five random words')
  await change('wrong')
  await screen.findByRole('alert')
  await change(FAKE_PASSPHRASE)
  await screen.findByText(/The new passphrase holds/)
  expect(door.world.passphrase).toBe('five random words')
  expect((screen.getByLabelText('The new passphrase') as HTMLInputElement).value).toBe('')
})

test('the keychain is let in and out', async () => {
  const { user, door } = await openTab('Passphrase and recovery')
  await user.click(await screen.findByRole('button', { name: 'Let the keychain open it' }))
  await user.click(await screen.findByRole('button', { name: 'Do not let the keychain open it' }))
  await screen.findByText('The keychain does not open this vault.')
  expect(door.world.slots.map((slot) => slot.kind)).toEqual(['passphrase', 'recovery'])
})

test('new recovery words are asked back, and gone when they are confirmed', async () => {
  const { user, door } = await openTab('Passphrase and recovery')
  await user.click(await screen.findByLabelText('The present 24 words'))
  await user.paste(FAKE_WORDS)
  await user.click(screen.getByRole('button', { name: 'Make new words' }))
  const dialog = await screen.findByRole('dialog')
  await user.keyboard('{Escape}')
  expect(screen.getByRole('dialog')).toBe(dialog)
  await user.click(within(dialog).getByRole('button', { name: 'I have written them down' }))
  // Until they are asked back, the present ones hold.
  expect(door.calls).not.toContain('new_recovery')
  await answerWords(user, sampleWords().toReversed())
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  await screen.findByText(/new recovery words hold from now on/)
  expect(door.calls).toContain('new_recovery')
  expect(document.documentElement.outerHTML).not.toContain('zephyr')
})

test('whoever leaves new recovery words keeps the present ones', async () => {
  const { user, door } = await openTab('Passphrase and recovery')
  await user.click(await screen.findByLabelText('The present 24 words'))
  await user.paste(FAKE_WORDS)
  await user.click(screen.getByRole('button', { name: 'Make new words' }))
  await user.click(await screen.findByRole('button', { name: 'Keep the present words' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(door.calls).not.toContain('new_recovery')
})

test('new recovery words are gone when the vault is locked', async () => {
  const { user, door } = await openTab('Passphrase and recovery')
  await user.click(await screen.findByLabelText('The present 24 words'))
  await user.paste(FAKE_WORDS)
  await user.click(screen.getByRole('button', { name: 'Make new words' }))
  await screen.findByRole('dialog')
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  await waitFor(() => expect(document.documentElement.outerHTML).not.toContain('zephyr'))
})

test('a backup is made and checked', async () => {
  const { user } = await openTab('Backups')
  const make = await screen.findByRole('region', { name: 'Make a backup' })
  await chooseFile(user, 'Where to', make)
  await user.type(within(make).getByLabelText(/Encrypt once more/), 'carol')
  await user.click(within(make).getByRole('button', { name: 'Make the backup' }))
  await within(make).findByText('The backup is written.')
  expect(within(make).getByText('carol')).toBeTruthy()

  const check = screen.getByRole('region', { name: 'Check a backup' })
  await chooseFile(user, 'The backup file', check)
  await user.type(within(check).getByLabelText('Passphrase of the backed-up vault'), FAKE_PASSPHRASE)
  await user.click(within(check).getByRole('button', { name: 'Check the backup' }))
  await within(check).findByText('The backup opens and holds.')
})

test('escape files are listed, kept and stopped', async () => {
  const { user, door } = await openTab('Backups')
  const escapes = await screen.findByRole('region', { name: 'Escape files' })
  await within(escapes).findByText('The folder can not be written to.')
  await user.click(within(escapes).getByRole('button', { name: 'Stop the escape file of web/dev' }))
  // Nothing is stopped, and no file deleted, before that was said of this one.
  const dialog = await screen.findByRole('dialog', { name: 'Stop the escape file of web/dev' })
  expect(door.world.escapes).toHaveLength(2)
  expect(dialog.textContent).toContain(door.world.escapes.find((one) => one.bundle === 'web/dev')?.path)
  await user.click(within(dialog).getByRole('button', { name: 'Stop and keep the file' }))
  await waitFor(() => expect(door.world.escapes.map((one) => one.bundle)).toEqual(['api/prod']))
  await user.click(within(escapes).getByText('Keep an escape file of another bundle'))
  await user.selectOptions(within(escapes).getByLabelText('Bundle'), 'api/dev')
  await chooseFile(user, 'Where it lies', escapes)
  await user.type(within(escapes).getByLabelText(/Who opens it/), 'ann')
  await user.click(within(escapes).getByRole('button', { name: 'Keep it' }))
  await waitFor(() => expect(door.world.escapes.map((one) => one.bundle)).toEqual(['api/prod', 'api/dev']))
})

test('an examination says what wants attention first', async () => {
  const { user } = await openTab('Health')
  await user.click(await screen.findByRole('button', { name: 'Look at everything' }))
  await screen.findByText('2 things want attention.')
  const rows = screen.getAllByRole('row').slice(1)
  expect(rows[0]?.textContent).toContain('An object that was on the remote is gone')
  expect(rows[1]?.textContent).toContain('slot add keychain')
})
