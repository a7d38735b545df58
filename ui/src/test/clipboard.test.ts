import { screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeDoor } from '../ipc/fake'
import { Clipboard } from '../state/clipboard.svelte'
import { openMain, select } from './window'

const FIELD = { bundle: 'api/prod', name: 'DATABASE_URL', field: 'value' }

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }))
afterEach(() => void vi.useRealTimers())

test('the countdown runs to its end and then there is nothing copied', async () => {
  const clipboard = new Clipboard(new FakeDoor({ locked: false }))
  await clipboard.copy(FIELD)
  expect([clipboard.copied, clipboard.left]).toEqual(['DATABASE_URL', 20])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(clipboard.left).toBe(15)
  await vi.advanceTimersByTimeAsync(15_500)
  expect(clipboard.copied).toBeNull()
})

test('a second copy begins the countdown anew', async () => {
  const clipboard = new Clipboard(new FakeDoor({ locked: false }))
  await clipboard.copy(FIELD)
  await vi.advanceTimersByTimeAsync(15_000)
  await clipboard.copy(FIELD)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(clipboard.left).toBe(10)
})

test('clear now clears, and the countdown is gone', async () => {
  vi.useRealTimers()
  const { user, door } = await openMain()
  await select(user, 'DATABASE_URL')
  await user.keyboard('{Control>}c{/Control}')
  await user.click(await screen.findByRole('button', { name: 'Clear now' }))
  expect(door.calls).toContain('clear_clipboard')
  expect(screen.queryByText('Clear now')).toBeNull()
})
