// Who comes into a team and who leaves it: by compared words, and with what they could read in sight.

import { screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { SAFETY_WORDS, sampleExposed, sampleMember, sampleRequest, sampleTeam } from '../ipc/fake/sample_team'
import { openExposed, openMenuOf, openTab, openTeam } from './screens/team'

const dialogOf = (name: string) => screen.findByRole('dialog', { name })

test('who asks to join is let in by the words that they read, and the badge goes', async () => {
  const { user, door } = await openTeam({ team: { requests: [sampleRequest('frida')] } })
  expect(within(screen.getByRole('navigation')).getByText('1 request to join')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Approve frida' }))
  const dialog = await dialogOf('Let frida in?')
  await user.type(within(dialog).getByLabelText('The ten words that frida reads to you'), 'not these words')
  await user.click(within(dialog).getByRole('button', { name: 'Compare and approve' }))
  const alert = await within(dialog).findByRole('alert')
  expect(alert.textContent).toContain('somebody stands between you: do not go on')
  expect(door.world.team.members.some((member) => member.name === 'frida')).toBe(false)

  await user.clear(within(dialog).getByLabelText('The ten words that frida reads to you'))
  await user.type(within(dialog).getByLabelText('The ten words that frida reads to you'), SAFETY_WORDS)
  await user.click(within(dialog).getByRole('button', { name: 'Compare and approve' }))
  await screen.findByText(/frida is in acme/)
  expect(door.world.team.members.find((member) => member.name === 'frida')?.verified).toBe(true)
  await waitFor(() => expect(screen.queryByText('1 request to join')).toBeNull())
})

test('going without the words says what that means, and makes a member that was not compared', async () => {
  const { user, door } = await openTeam({ team: { requests: [sampleRequest('frida')] } })
  await user.click(screen.getByRole('button', { name: 'Approve frida' }))
  const dialog = await dialogOf('Let frida in?')
  expect(within(dialog).getByText(/Whoever got hold of the invitation/)).toBeTruthy()
  await user.click(within(dialog).getByRole('button', { name: 'Approve frida without comparing', hidden: true }))
  await screen.findByText(/Compare keys before you share/)
  expect(door.world.team.members.find((member) => member.name === 'frida')?.verified).toBe(false)
})

// threat 38
test('a name that reads like a member’s is told apart, and its words have to be compared', async () => {
  const request = sampleRequest('bоb', { role: 'admin', must_compare: true, looks_like: 'bob (1234abcd)', invited: 'gustav' })
  const { user } = await openTeam({ team: { requests: [request] } })
  expect(screen.getByText(/reads like that of another member: bob \(1234abcd\)/)).toBeTruthy()
  expect(screen.getByText(/was made for gustav/)).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /^Approve b/ }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByText(/reads like that of another member/)).toBeTruthy()
  expect(within(dialog).queryByRole('button', { name: /without comparing/, hidden: true })).toBeNull()
})

// threat 38
test('names that would turn a line around are written out', async () => {
  await openTab('members', { team: { members: [sampleMember('ann', { own: true }), sampleMember('eve\u202etxt\u0007')] } })
  const table = await screen.findByRole('table')
  expect(table.textContent).toContain('eve\\u{202e}txt\\u{7}')
  expect(document.body.textContent).not.toMatch(/[\u202e\u0007]/)
})

test('an unverified member is seen as such, and is verified by what they read', async () => {
  const members = [sampleMember('ann', { own: true }), sampleMember('dana', { verified: false })]
  const { user, door } = await openTab('members', { team: { members } })
  await user.click(await screen.findByRole('button', { name: 'not compared' }))
  const dialog = await dialogOf('Compare keys with dana')
  const input = await within(dialog).findByLabelText('What dana reads')
  await user.type(input, 'ffff ffff')
  await user.click(within(dialog).getByRole('button', { name: 'Compare' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('do not share with them')
  expect(door.world.team.members[1]?.verified).toBe(false)

  await user.clear(input)
  const shown = within(dialog)
    .getAllByRole('listitem')
    .map((group) => group.textContent)
  await user.type(input, shown.join(' ').toUpperCase())
  await user.click(within(dialog).getByRole('button', { name: 'Compare' }))
  await screen.findByText('The key of dana is compared.')
  expect(door.world.team.members[1]?.verified).toBe(true)
})

// threat 37
test('a removal shows first what it exposes, and removes nobody until it is said', async () => {
  const { user, door } = await openTab('members')
  await user.click(await openMenuOf(user, 'bob', 'Remove from the team'))
  const dialog = await dialogOf('Remove bob from acme?')
  const exposure = await within(dialog).findByRole('table', { name: 'What will be exposed' })
  const readable = door.world.entries.filter((entry) => ['api/dev', 'api/staging', 'api/prod', 'web/dev'].includes(entry.bundle))
  expect(within(exposure).getAllByRole('row')).toHaveLength(readable.length + 1)
  expect(door.world.team.members.some((member) => member.name === 'bob')).toBe(true)

  await user.click(within(dialog).getByRole('button', { name: 'Remove bob from acme' }))
  await screen.findByRole('heading', { name: 'Exposed', level: 1 })
  expect(door.world.team.members.some((member) => member.name === 'bob')).toBe(false)
  await screen.findByText(/entries left/)
})

test('a removal that fails says why and stays open', async () => {
  const { user, door } = await openTab('members')
  await user.click(await openMenuOf(user, 'bob', 'Remove from the team'))
  const dialog = await screen.findByRole('dialog')
  await within(dialog).findByRole('table')
  door.failures.set('remove_member', {
    code: 'not_allowed',
    message: 'This is not allowed to you.',
    subject: null,
    next: 'Ask an owner.',
  })
  await user.click(within(dialog).getByRole('button', { name: 'Remove bob from acme' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Ask an owner.')
})

test('a new role can be undone', async () => {
  const { user, door } = await openTab('members')
  await user.click(await openMenuOf(user, 'bob', 'Change the role'))
  const dialog = await dialogOf('Role of bob')
  await user.click(within(dialog).getByRole('radio', { name: /Admin/ }))
  await user.click(within(dialog).getByRole('button', { name: 'Change to: Admin' }))
  await screen.findByText('bob has a new role: Admin.')
  const bob = () => door.world.team.members.find((member) => member.name === 'bob')?.role
  expect(bob()).toBe('admin')
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(bob()).toBe('writer'))
})

test('readers and writers are offered nothing that only admins may do', async () => {
  const { user } = await openTab('members', { team: { teams: [sampleTeam({ role: 'writer' })] } })
  expect(screen.queryByRole('button', { name: 'Invite' })).toBeNull()
  await user.click(await screen.findByRole('button', { name: 'What to do with bob' }))
  const items = await screen.findAllByRole('menuitem', { hidden: true })
  expect(items.map((item) => item.textContent)).toEqual(['Compare keys'])
})

// threat 37
test('what is exposed is worked to zero: a reason for many at once, and a way to the entry', async () => {
  const exposed = [
    sampleExposed('api/prod', 'DATABASE_URL'),
    sampleExposed('api/prod', 'API_TOKEN'),
    sampleExposed('api/prod', 'API_TOKEN', { version: 2 }),
  ]
  const { user, door } = await openExposed({ team: { exposed } })
  await screen.findByText('2 entries left')
  await user.click(screen.getByRole('checkbox', { name: 'Choose all' }))
  await user.click(screen.getByRole('button', { name: 'Leave 2 entries as they are' }))
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText('Why it needs no new value'), 'no secret')
  await user.click(within(dialog).getByRole('button', { name: 'Leave 2 entries as they are' }))
  await screen.findByText('Nothing is exposed')
  expect(door.calls.filter((call) => call === 'settle_exposed')).toHaveLength(2)
  expect(door.world.team.exposed.map((one) => one.reason)).toEqual(['no secret', 'no secret', 'no secret'])

  await user.click(screen.getByRole('button', { name: 'Show those that are done' }))
  await user.click(await screen.findByRole('button', { name: 'DATABASE_URL' }))
  await screen.findByRole('article', { name: 'Entry DATABASE_URL' })
})
