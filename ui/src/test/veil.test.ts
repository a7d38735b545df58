// What the page holds anyway goes out of sight when nobody looks, and marked secrets are copied by the program.
// threat 51

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { openMain, openPage, openWindow } from './window'

const options = { bundles: [sampleBundle('api/dev')], entries: [sampleEntry('api/dev', 'ALPHA')] }

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function leave(how: 'focus' | 'sight') {
  if (how === 'focus') return fireEvent.blur(window)
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  return fireEvent(document, new Event('visibilitychange'))
}

async function typedPassphrase() {
  const opened = await openWindow()
  const field = (await screen.findByLabelText('Passphrase')) as HTMLInputElement
  await opened.user.type(field, 'five random words')
  await opened.user.click(screen.getByRole('button', { name: /Show what is typed/ }))
  expect(field.type).toBe('text')
  return { ...opened, field }
}

test.each(['focus', 'sight'] as const)('a passphrase that is shown is hidden when the window loses the %s', async (how) => {
  const { field } = await typedPassphrase()
  await leave(how)
  await waitFor(() => expect(field.type).toBe('password'))
  expect(field.value).toBe('five random words')
})

test('a passphrase that is shown is hidden a minute after the last key', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const { user, field } = await typedPassphrase()
  await vi.advanceTimersByTimeAsync(50_000)
  await user.type(field, ' more')
  await vi.advanceTimersByTimeAsync(50_000)
  expect(field.type).toBe('text')
  await vi.advanceTimersByTimeAsync(15_000)
  expect(field.type).toBe('password')
})

async function pastedEnv() {
  const opened = await openMain(options)
  await opened.user.keyboard('{Control>}i{/Control}')
  const dialog = await screen.findByRole('dialog')
  await opened.user.type(within(dialog).getByLabelText('Text of the .env'), 'FRESH=plain')
  return { ...opened, dialog, seen: () => within(dialog).queryByLabelText('Text of the .env') as HTMLTextAreaElement | null }
}

test.each(['focus', 'sight'] as const)(
  'the text of an import is out of sight when the window loses the %s, and comes back',
  async (how) => {
    const { user, dialog, seen } = await pastedEnv()
    await leave(how)
    await waitFor(() => expect(seen()).toBeNull())
    await user.click(within(dialog).getByRole('button', { name: 'Show it again' }))
    expect(seen()?.value).toBe('FRESH=plain')
  },
)

test('the text of an import is out of sight after a while, but is not forgotten', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const { user, dialog, seen } = await pastedEnv()
  await vi.advanceTimersByTimeAsync(121_000)
  expect(seen()).toBeNull()
  await user.click(within(dialog).getByRole('button', { name: 'Preview' }))
  await within(dialog).findByRole('button', { name: 'Import 1 change into api/dev' })
})

test.each(['focus', 'sight'] as const)(
  'recovery words are out of sight when the window loses the %s, and come back',
  async (how) => {
    const { user } = await openWindow({ exists: false })
    await user.click(await screen.findByRole('button', { name: 'Create a vault' }))
    await user.type(screen.getByLabelText(/Your name/), 'ann')
    await user.type(screen.getByLabelText('Passphrase'), 'five random words')
    await user.type(screen.getByLabelText('The passphrase again'), 'five random words')
    await user.click(screen.getByRole('button', { name: 'Create the vault' }))
    const words = (await screen.findAllByRole('listitem')).map((item) => item.textContent)
    expect(words).toHaveLength(24)
    await leave(how)
    await waitFor(() => expect(screen.queryAllByRole('listitem')).toEqual([]))
    await user.click(screen.getByRole('button', { name: 'Show it again' }))
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(words)
  },
)

// threat 55
describe('marked text', () => {
  const pressed = (what: 'copy' | 'cut') => {
    const event = new Event(what, { bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(event)
    return event
  }

  async function generated() {
    const opened = await openPage('generator', options)
    await opened.user.click(screen.getByRole('button', { name: 'Generate' }))
    await screen.findByRole('button', { name: 'Copy' })
    return opened
  }

  test('that is a secret is copied by the program, which clears it again', async () => {
    const { door } = await generated()
    const copied: string[] = []
    door.answers.copy_text = ({ text }) => {
      copied.push(text as string)
      return { seconds: 20 }
    }
    const value = document.querySelector('output') as HTMLElement
    document.getSelection()?.selectAllChildren(value)
    expect(pressed('copy').defaultPrevented).toBe(true)
    await screen.findByText(/is copied/)
    expect(copied).toEqual([value.textContent])
    document.getSelection()?.removeAllRanges()
  })

  test('that is none is left to the web view', async () => {
    const { door } = await generated()
    document.getSelection()?.selectAllChildren(screen.getByRole('heading', { level: 1 }))
    expect(pressed('copy').defaultPrevented).toBe(false)
    expect(door.calls).not.toContain('copy_text')
    document.getSelection()?.removeAllRanges()
  })

  test('that is cut out of a secret being typed goes the same way', async () => {
    const { door, field } = await typedPassphrase()
    field.focus()
    field.setSelectionRange(0, 5)
    expect(pressed('cut').defaultPrevented).toBe(true)
    await waitFor(() => expect(field.value).toBe('random words'))
    expect(door.calls).toContain('copy_text')
  })
})
