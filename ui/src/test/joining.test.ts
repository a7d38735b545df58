// Into a team: the first one, by an invitation, with another device; and texts that are carried.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, expect, test, vi } from 'vitest'
import { FAKE_PASSPHRASE, type FakeDoor } from '../ipc/fake'
import { SAFETY_WORDS, sampleTeam } from '../ipc/fake/sample_team'
import { alone } from '../ipc/fake/team_world'
import { openTab, openTeam } from './screens/team'
import { answerWords, openWindow } from './window'

afterEach(() => void vi.useRealTimers())

const waiting = () => sampleTeam({ name: 'b0b0b0b0', role: 'none', asked: SAFETY_WORDS })
const synced = {
  team: 'acme',
  received: 1,
  pushed: 0,
  waiting: 0,
  requests: 0,
  asked: false,
  out: false,
  changed_bundles: [],
  conflicts: 0,
  findings: [],
  failure: null,
  network_requests: 3,
}

/** From the next sync on, somebody has approved. */
function approve(door: FakeDoor) {
  door.answers.sync = () => {
    door.world.team.teams = [sampleTeam({ role: 'writer' })]
    return { teams: [synced] }
  }
}

test('a first team is made of the personal vault, and asks for a remote', async () => {
  const { user, door } = await openTeam({ team: alone() })
  await user.click(screen.getByRole('button', { name: 'Make a team' }))
  const dialog = await screen.findByRole('dialog', { name: 'Make a team' })
  await user.type(within(dialog).getByLabelText('Name of the team'), 'gadgets')
  await user.click(within(dialog).getByRole('button', { name: 'Make a team' }))
  await screen.findByRole('heading', { name: 'Team gadgets' })
  expect(door.world.team.teams.map((team) => team.name)).toEqual(['gadgets'])
  await user.click(screen.getByRole('button', { name: 'Add a remote' }))
  await screen.findByRole('heading', { name: 'Sync', level: 1 })
})

test('from the welcome to an invitation, and to the words to be read', async () => {
  const { user } = await openWindow({ exists: false, team: alone() })
  await user.click(await screen.findByRole('button', { name: 'Join a team' }))
  await user.type(screen.getByLabelText(/Your name/), 'bob')
  await user.type(screen.getByLabelText('Passphrase'), FAKE_PASSPHRASE)
  await user.type(screen.getByLabelText('The passphrase again'), FAKE_PASSPHRASE)
  await user.click(screen.getByRole('button', { name: 'Create the vault' }))
  const words = (await screen.findAllByRole('listitem')).map((item) => item.textContent)
  await user.click(screen.getByRole('button', { name: 'I have written them down' }))
  await answerWords(user, words)

  const dialog = await screen.findByRole('dialog', { name: 'Join a team' })
  expect((within(dialog).getByLabelText('Your name in the team') as HTMLInputElement).value).toBe('bob')
  await user.type(within(dialog).getByLabelText('The invitation that you were sent'), 'sealfold-invitation-1-abc')
  await user.click(within(dialog).getByRole('button', { name: 'Ask to join' }))
  const list = await screen.findByRole('list', { name: 'Safety words' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map((item) => item.textContent)
      .join(' '),
  ).toBe(SAFETY_WORDS)
  expect(document.documentElement.outerHTML).not.toContain('sealfold-invitation-1-abc')
})

test('an invitation that is not whole is said where it was pasted', async () => {
  const { user } = await openTeam({ team: alone() })
  await user.click(screen.getByRole('button', { name: 'Join a team' }))
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText('The invitation that you were sent'), 'half of it')
  await user.click(within(dialog).getByRole('button', { name: 'Ask to join' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('give all of it')
})

test('who waits looks at will, and is in as soon as somebody has approved', async () => {
  const { user, door } = await openTeam({ team: { teams: [waiting()] } })
  door.answers.sync = () => ({ teams: [synced] })
  await user.click(screen.getByRole('button', { name: 'Look now' }))
  await screen.findByText(/Not let in yet/)
  approve(door)
  await user.click(screen.getByRole('button', { name: 'Look now' }))
  await screen.findByText('You are in acme.')
  await screen.findByRole('tab', { name: 'Members' })
})

test('who waits is let in without a hand moved', async () => {
  const { door } = await openTeam({ team: { teams: [waiting()] } })
  approve(door)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  // Mounted anew, so that its clock is the one that is moved.
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  await door.ask('unlock', { key: { passphrase: FAKE_PASSPHRASE }, full_check: true })
  await openAgain()
  await vi.advanceTimersByTimeAsync(15_000)
  await screen.findByText('You are in acme.')
  expect(door.calls.filter((call) => call === 'sync')).toHaveLength(1)

  async function openAgain() {
    const field = screen.getByLabelText('Passphrase')
    await fireEvent.input(field, { target: { value: FAKE_PASSPHRASE } })
    await fireEvent.submit(field.closest('form') as HTMLFormElement)
    const navigation = await screen.findByRole('navigation')
    await fireEvent.click(within(navigation).getByRole('button', { name: /^Team/ }))
    await screen.findByRole('list', { name: 'Safety words' })
  }
})

// threats 30, 70
test('an invitation stands as dots, is copied outside of the page, and hides again on blur', async () => {
  const { user, door } = await openTab('members')
  await user.click(screen.getByRole('button', { name: 'Invite' }))
  const dialog = await screen.findByRole('dialog')
  await user.click(within(dialog).getByRole('button', { name: 'Make the invitation' }))
  const text = () => (within(dialog).getByLabelText('Invitation') as HTMLTextAreaElement).value
  await within(dialog).findByLabelText('Invitation')
  expect(text()).not.toContain('sealfold-invitation')
  let copied = ''
  door.answers.copy_text = ({ text: given }) => ((copied = given), { seconds: 20 })
  await user.click(within(dialog).getByRole('button', { name: 'Copy: Invitation' }))
  await waitFor(() => expect(copied).toContain('sealfold-invitation-1-'))
  expect(text()).not.toContain('sealfold-invitation')
  await user.click(within(dialog).getByRole('button', { name: 'Show' }))
  expect(text()).toBe(copied)
  await fireEvent.blur(window)
  expect(text()).not.toContain('sealfold-invitation')
})

// threats 51, 70
test('a token is gone from the page when the vault is locked', async () => {
  const { user, door } = await openTab('services')
  await user.click(await screen.findByRole('button', { name: 'New service' }))
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText('Name'), 'ci')
  await user.click(within(dialog).getByRole('button', { name: 'Make the token' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Choose at least one bundle')
  await user.click(within(dialog).getByRole('checkbox', { name: 'api/prod' }))
  await user.click(within(dialog).getByRole('button', { name: 'Make the token' }))
  await user.click(await within(dialog).findByRole('button', { name: 'Show' }))
  expect(within(dialog).getByLabelText('Token').textContent).toContain('sealfold-token-1-')
  expect(within(dialog).getByLabelText('In the job').textContent).toContain('sealfold run -b api/prod -- ./deploy.sh')
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  expect(screen.queryByRole('dialog')).toBeNull()
  expect([...document.querySelectorAll('textarea')]).toEqual([])
})

test('another device is added by its answer and the words that it shows', async () => {
  const { user, door } = await openTab('devices')
  await user.click(await screen.findByRole('button', { name: 'Add another device of mine' }))
  const dialog = await screen.findByRole('dialog')
  await user.type(await within(dialog).findByLabelText('Answer from the new device'), 'sealfold-answer-1-x')
  await user.type(within(dialog).getByLabelText('The ten words that the new device shows'), 'other words')
  await user.click(within(dialog).getByRole('button', { name: 'Compare and add the device' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('do not add it')
  await user.clear(within(dialog).getByLabelText('The ten words that the new device shows'))
  await user.type(within(dialog).getByLabelText('The ten words that the new device shows'), SAFETY_WORDS)
  await user.click(within(dialog).getByRole('button', { name: 'Compare and add the device' }))
  await screen.findByText(/The device new-laptop is yours now/)
  expect(door.world.team.devices.some((device) => device.name === 'new-laptop')).toBe(true)
})

test('an earlier device is revoked with the recovery words, or knowingly without', async () => {
  const { user, door } = await openTab('devices')
  await user.click(await screen.findByRole('button', { name: 'Revoke old-desktop' }))
  const dialog = await screen.findByRole('dialog', { name: 'Revoke old-desktop of ann?' })
  expect(within(dialog).getByText(/Only your recovery words stop what it signs/)).toBeTruthy()
  await user.click(within(dialog).getByRole('button', { name: 'Revoke old-desktop' }))
  expect(door.calls).not.toContain('revoke_device')
  let asked: unknown
  const answer = door.answers.revoke_device
  door.answers.revoke_device = (ask) => ((asked = ask), answer?.(ask) as never)
  await user.type(within(dialog).getByLabelText('Your 24 recovery words'), 'the words')
  await user.click(within(dialog).getByRole('button', { name: 'Revoke old-desktop' }))
  await screen.findByText(/old-desktop of ann is revoked/)
  expect(asked).toMatchObject({ words: 'the words', without_words: false, alone: false })
})
