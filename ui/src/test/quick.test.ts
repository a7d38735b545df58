import { fireEvent, screen, waitFor } from '@testing-library/svelte'
import { expect, test, vi } from 'vitest'
import { openMain } from './window'

/** Quick access, as soon as it takes keys. */
async function armed() {
  await waitFor(() => expect(document.querySelector('.quick')?.getAttribute('aria-busy')).toBe('false'))
}

test('quick access copies with a few letters and Enter, and leaves', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await armed()
  await user.keyboard('prod stripe{Enter}')
  await waitFor(() => expect(door.calls.slice(-2)).toEqual(['copy', 'leave_quick']))
  await screen.findByRole('navigation')
  expect(door.calls).not.toContain('reveal')
})

test('an Enter that was meant for another window copies nothing', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await armed()
  await user.keyboard('{Enter}')
  expect(door.calls).not.toContain('copy')
  await user.keyboard('{ArrowDown}{Enter}')
  await waitFor(() => expect(door.calls).toContain('copy'))
})

test('Escape leaves quick access and copies nothing', async () => {
  const { user, door } = await openMain()
  door.happens('quick')
  await armed()
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

test('keys that were on their way to another window do nothing', async () => {
  const { door } = await openMain()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    door.happens('quick')
    await Promise.resolve()
    const input = screen.getByRole('combobox')
    const press = async () => {
      await fireEvent.keyDown(input, { key: 'ArrowDown' })
      await fireEvent.keyDown(input, { key: 'Enter' })
    }
    await press()
    vi.advanceTimersByTime(400)
    // Brought to the front once more, the time begins anew.
    await fireEvent.focus(window)
    vi.advanceTimersByTime(400)
    await press()
    expect(door.calls).not.toContain('copy')
    vi.advanceTimersByTime(100)
    await press()
    expect(door.calls).toContain('copy')
  } finally {
    vi.useRealTimers()
  }
})

test('what somebody was typing is still there after quick access', async () => {
  const { user, door } = await openMain()
  await user.keyboard('{Control>}n{/Control}')
  const name = await screen.findByLabelText(/^Name/)
  await user.type(name, 'HALF_TYPED')
  door.happens('quick')
  await armed()
  await user.keyboard('stripe{Escape}')
  await waitFor(() => expect(document.querySelector('.quick')).toBeNull())
  expect((screen.getByLabelText(/^Name/) as HTMLInputElement).value).toBe('HALF_TYPED')
  expect(document.activeElement).toBe(name)
})

test('a lock that failed is said', async () => {
  const { door } = await openMain()
  door.happens('not_locked')
  await screen.findByText(/is still open/)
})
