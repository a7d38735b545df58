// Who reads a bundle: given to members, taken from them, always by the id of who was shown.

import { screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { sampleMember } from '../ipc/fake/sample_team'
import { openShare, openTab } from './screens/team'
import { chooseFromMenu, openMain, select } from './window'

const bundles = [sampleBundle('api/prod', { members: ['ann', 'bob'] })]
const ann = sampleMember('ann', { own: true, role: 'owner' })
const bob = sampleMember('bob')
const dana = sampleMember('dana', { verified: false })
const options = { bundles, entries: [], team: { members: [ann, bob, dana] } }

test('a bundle is shared with who is chosen, and says whose key was not compared', async () => {
  const { user, door } = await openShare('api/prod', options)
  const dialog = screen.getByRole('dialog', { name: 'Share api/prod' })
  const readers = await within(dialog).findByRole('table')
  expect(
    within(readers)
      .getAllByRole('rowheader')
      .map((cell) => cell.textContent.trim()),
  ).toEqual(['ann you', 'bob'])
  expect(within(dialog).getByText(/Had it before/).textContent).toContain('erin')
  await user.click(within(dialog).getByRole('button', { name: 'Share' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Choose who shall read it')

  await user.click(within(dialog).getByRole('checkbox', { name: /dana/ }))
  expect(within(dialog).getByText(/was not compared: it may be somebody else/)).toBeTruthy()
  let asked: unknown
  const answer = door.answers.share
  door.answers.share = (ask) => ((asked = ask), answer?.(ask) as never)
  await user.click(within(dialog).getByRole('button', { name: 'Share with 1 member' }))
  await screen.findByText('api/prod is shared with dana.')
  expect(asked).toEqual({ bundle: 'api/prod', entry: null, with: [`id:${dana.id}`], history: false })
  expect(door.world.bundles[0]?.members).toEqual(['ann', 'bob', 'dana'])
})

test('a refused share says what to do first', async () => {
  const policy = { team: 'acme', stale_after_days: 90, require_verified: true }
  const { user, door } = await openShare('api/prod', { ...options, team: { ...options.team, policy } })
  const dialog = screen.getByRole('dialog')
  await user.click(await within(dialog).findByRole('checkbox', { name: /dana/ }))
  await user.click(within(dialog).getByRole('button', { name: 'Share with 1 member' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Compare keys with them first')
  expect(door.world.bundles[0]?.members).toEqual(['ann', 'bob'])
})

test('a bundle is taken from a member after a second word that names both', async () => {
  const { user, door } = await openShare('api/prod', options)
  const dialog = screen.getByRole('dialog')
  await user.click(await within(dialog).findByRole('button', { name: 'Take api/prod from bob' }))
  expect(door.calls).not.toContain('unshare')
  expect(within(dialog).getByText(/listed under Exposed, until it is changed/)).toBeTruthy()
  await user.click(within(dialog).getByRole('button', { name: 'Take api/prod from bob' }))
  await screen.findByText(/api\/prod is taken from bob/)
  expect(door.world.bundles[0]?.members).toEqual(['ann'])
  // He can be given it again.
  await within(dialog).findByRole('checkbox', { name: /bob/ })
})

test('what is in quarantine is taken in, or dropped after a second word', async () => {
  const { user, door } = await openTab('quarantine')
  await user.click(await screen.findByRole('checkbox', { name: 'Choose LOG_LEVEL, API_TOKEN' }))
  await user.click(screen.getByRole('button', { name: 'Drop…' }))
  expect(door.calls).not.toContain('review')
  await user.click(screen.getByRole('button', { name: 'Drop 1 change for all' }))
  await screen.findByText('1 change is dropped.')
  await user.click(await screen.findByRole('checkbox', { name: 'Choose REDIS_URL' }))
  await user.click(screen.getByRole('button', { name: 'Take in 1 change' }))
  await screen.findByText('Nothing waits for a review')
})

test('owners set the rules', async () => {
  const { user, door } = await openTab('rules')
  await user.click(await screen.findByRole('checkbox', { name: /Share only with members/ }))
  await user.click(screen.getByRole('button', { name: 'Save the rules' }))
  await waitFor(() => expect(door.world.team.policy.require_verified).toBe(true))
})

test('one entry alone is shared in a bundle of its own', async () => {
  const { user, door } = await openMain({ ...options, entries: [sampleEntry('api/prod', 'STRIPE_KEY')] })
  const article = await select(user, 'STRIPE_KEY')
  await chooseFromMenu(
    user,
    within(article).getByRole('button', { name: 'What to do with STRIPE_KEY' }),
    'Share this entry alone',
  )
  const dialog = await screen.findByRole('dialog', { name: 'Share STRIPE_KEY' })
  expect(within(dialog).getByText(/moves out of api\/prod into a bundle of its own/)).toBeTruthy()
  let asked: unknown
  const answer = door.answers.share
  door.answers.share = (ask) => ((asked = ask), answer?.(ask) as never)
  await user.click(await within(dialog).findByRole('checkbox', { name: /bob/ }))
  await user.click(within(dialog).getByRole('button', { name: 'Share with 1 member' }))
  await waitFor(() => expect(asked).toEqual({ bundle: 'api/prod', entry: 'STRIPE_KEY', with: [`id:${bob.id}`], history: false }))
})
