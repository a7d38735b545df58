import { screen, waitFor } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { openMain } from './window'

test('quick access copies with a few letters and Enter, and leaves', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await screen.findByRole('combobox')
  await user.keyboard('prod stripe{Enter}')
  await waitFor(() => expect(door.calls.slice(-2)).toEqual(['copy', 'leave_quick']))
  await screen.findByRole('navigation')
  expect(door.calls).not.toContain('reveal')
})

test('an Enter that was meant for another window copies nothing', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await screen.findByRole('combobox')
  await user.keyboard('{Enter}')
  expect(door.calls).not.toContain('copy')
  await user.keyboard('{ArrowDown}{Enter}')
  await waitFor(() => expect(door.calls).toContain('copy'))
})

test('Escape leaves quick access and copies nothing', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await screen.findByRole('combobox')
  await user.keyboard('{Escape}')
  await screen.findByRole('navigation')
  expect(door.calls).not.toContain('copy')
})

test('the lists follow what others change', async () => {
  const { door } = await openMain()
  const before = door.calls.filter((call) => call === 'list_entries').length
  door.happens('changed')
  await waitFor(() => expect(door.calls.filter((call) => call === 'list_entries').length).toBeGreaterThan(before))
})
