import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import App from '../App.svelte'
import { FAKE_PASSPHRASE, FakeDoor } from '../ipc/fake'
import { answerWords, openWindow } from './window'

test('a wrong passphrase says what happened and what to do, and a right one opens', async () => {
  const { user } = await openWindow()
  const field = await screen.findByLabelText('Passphrase')
  expect(document.activeElement).toBe(field)
  await user.type(field, 'wrong{Enter}')
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toContain('does not open this vault')
  expect(alert.textContent).toContain('Try again')
  expect((field as HTMLInputElement).value).toBe('')
  await user.type(field, `${FAKE_PASSPHRASE}{Enter}`)
  await screen.findByRole('navigation')
})

test('a vault is made, and its words must be confirmed before anything is', async () => {
  const { user, door } = await openWindow({ exists: false })
  await user.click(await screen.findByRole('button', { name: 'Create a vault' }))
  await user.type(screen.getByLabelText(/Your name/), 'ann')
  await user.type(screen.getByLabelText('Passphrase'), 'five random words')
  await user.type(screen.getByLabelText('The passphrase again'), 'five random word')
  expect(screen.getByText('The two differ.')).toBeTruthy()
  await user.type(screen.getByLabelText('The passphrase again'), 's')
  await user.click(screen.getByRole('button', { name: 'Create the vault' }))

  const shown = await screen.findAllByRole('listitem')
  const words = shown.map((item) => item.textContent)
  expect(words).toHaveLength(24)
  await user.click(screen.getByRole('button', { name: 'I have written them down' }))
  expect(document.body.textContent).not.toContain(words[0])

  const fields = screen.getAllByRole('textbox') as HTMLInputElement[]
  expect(fields).toHaveLength(3)
  for (const field of fields) await user.type(field, 'guess')
  await user.click(screen.getByRole('button', { name: 'Confirm' }))
  await screen.findByRole('alert')
  // Whoever goes away now has lost nothing: there is no vault without its paper.
  expect(door.calls).not.toContain('create_vault')
  expect(door.world.exists).toBe(false)

  await answerWords(user, words)
  await screen.findByRole('navigation')
  await waitFor(() => expect(screen.getByText('Nothing here yet')).toBeTruthy())
})

test('a vault that could not be made is made with the same words', async () => {
  const { user, door } = await openWindow({ exists: false })
  const fill = async () => {
    await user.type(screen.getByLabelText('Passphrase'), 'five random words')
    await user.type(screen.getByLabelText('The passphrase again'), 'five random words')
    await user.click(screen.getByRole('button', { name: 'Create the vault' }))
  }
  await user.click(await screen.findByRole('button', { name: 'Create a vault' }))
  await user.type(screen.getByLabelText(/Your name/), 'ann')
  await fill()
  const words = (await screen.findAllByRole('listitem')).map((item) => item.textContent)
  await user.click(screen.getByRole('button', { name: 'I have written them down' }))
  door.failures.set('create_vault', { code: 'io', message: 'The disk is full.', subject: null, next: null })
  await answerWords(user, words)
  expect((await screen.findByRole('alert')).textContent).toContain('The disk is full.')
  expect(screen.getByText(/The words on your paper are right/)).toBeTruthy()
  await fill()
  await screen.findByRole('navigation')
  expect(door.calls.filter((call) => call === 'draft_words')).toHaveLength(1)
})

test('a door that fails is said, and asked again', async () => {
  const door = new FakeDoor()
  door.failures.set('status', {
    code: 'io',
    message: 'The vault file cannot be read.',
    subject: '/srv/vault',
    next: 'Check its permissions.',
  })
  render(App, { door })
  const alert = await screen.findByRole('alert')
  for (const part of ['cannot be read', '/srv/vault', 'Check its permissions.']) expect(alert.textContent).toContain(part)
  await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByLabelText('Passphrase')
})

test('a vault that is locked while it loads does not show', async () => {
  const door = new FakeDoor({ locked: false })
  const entries = await door.ask('list_entries', {})
  let answer = (_: typeof entries) => {}
  door.answers.list_entries = () => new Promise((resolve) => (answer = resolve))
  render(App, { door })
  await waitFor(() => expect(door.calls).toContain('list_bundles'))
  door.lockElsewhere()
  answer(entries)
  await screen.findByText('Sealfold is locked')
  await new Promise((resolve) => setTimeout(resolve))
  expect(screen.queryByRole('navigation')).toBeNull()
})
