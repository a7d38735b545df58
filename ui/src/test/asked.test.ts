import { screen, waitFor, within } from '@testing-library/svelte'
import { describe, expect, test } from 'vitest'
import { fault } from '../ipc/fake/index'
import { askedSample } from '../ipc/fake/sample'
import { openMain } from './window'

/** threat 71 */
describe('a terminal that asks for the first time', () => {
  async function asked() {
    const opened = await openMain()
    opened.door.world.asked = [askedSample(1)]
    opened.door.happens('asked')
    return { ...opened, dialog: await screen.findByRole('alertdialog') }
  }

  test('is shown with what it is and what it wants', async () => {
    const { dialog } = await asked()
    expect(dialog.textContent).toContain('A program asks for values')
    expect(dialog.textContent).toContain('sealfold, started by python3')
    expect(dialog.textContent).toContain('pts/3')
    expect(dialog.textContent).toContain('api/prod')
  })

  test('is allowed for hours, once, or denied', async () => {
    for (const [button, allow, minutes] of [
      ['Allow this terminal for 4 hours', true, 240],
      ['Allow once', true, 0],
      ['Deny', false, 0],
      ['Deny everything for 10 minutes', false, 10],
    ] as const) {
      const { door, user, dialog, unmount } = await asked()
      const said: unknown[] = []
      const decide = door.answers.decide
      door.answers.decide = (ask) => {
        said.push(ask)
        return decide?.(ask) ?? null
      }
      const pressed = within(dialog).getByRole('button', { name: button })
      // A yes is taken after a while only: a click may have been meant for what lay there before.
      expect(pressed).toHaveProperty('disabled', allow)
      await waitFor(() => expect(pressed).toHaveProperty('disabled', false), { timeout: 3000 })
      await user.click(pressed)
      await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
      expect(said).toEqual([{ id: 1, allow, minutes }])
      unmount()
    }
  })

  test('is allowed once alone where keys or recipients would change', async () => {
    const opened = await openMain()
    const wants = {
      values: false,
      operation: 'share',
      bundle: 'api/prod',
      names: [],
      count: 0,
      about: ['mal\u202elory'],
      may_last: false,
    }
    opened.door.world.asked = [askedSample(1, { wants })]
    opened.door.happens('asked')
    const dialog = await screen.findByRole('alertdialog')
    expect(within(dialog).queryByRole('button', { name: 'Allow this terminal for 4 hours' })).toBeNull()
    expect(dialog.textContent).toContain('This is asked each time.')
    // threat 38: what hides or reorders is shown as what it is.
    expect(dialog.textContent).not.toContain('\u202e')
    expect(dialog.textContent).toContain('lory')
  })

  test('by another program that answers in its place is said', async () => {
    const { door } = await openMain()
    door.answers.list_asked = () => {
      throw fault('not_allowed', 'Another program already answers for a person here: evil, process 7.', null, null)
    }
    door.happens('unheard')
    await screen.findByText(/evil, process 7/)
  })

  test('does not keep anybody from locking, by a key or by a button', async () => {
    for (const lock of ['key', 'button']) {
      const { door, user, dialog, unmount } = await asked()
      if (lock === 'key') await user.keyboard('{Control>}l{/Control}')
      else await user.click(within(dialog).getByRole('button', { name: 'Lock' }))
      await screen.findByText('Sealfold is locked')
      expect(door.calls).toContain('lock')
      expect(door.calls).not.toContain('decide')
      unmount()
    }
  })

  test('is not decided by what somebody is just typing', async () => {
    const opened = await openMain()
    await opened.user.click(screen.getByRole('searchbox'))
    opened.door.world.asked = [askedSample(1)]
    opened.door.happens('asked')
    const dialog = await screen.findByRole('alertdialog')
    await waitFor(() => expect(document.activeElement).toBe(dialog))
    await opened.user.keyboard('token {Enter}')
    expect(opened.door.calls).not.toContain('decide')
    // Nor does it do something behind the dialog.
    await opened.user.keyboard('n{Control>}n{/Control}')
    expect(screen.queryByRole('dialog')).toBeNull()
    // The first button that is come to says no.
    await opened.user.tab()
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Deny' }))
    await opened.user.keyboard('{Enter}')
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
    expect(opened.door.calls).toContain('decide')
    expect(document.activeElement).toBe(screen.getByRole('searchbox'))
  })

  test('is gone when its request is, and at the lock', async () => {
    const { door } = await asked()
    door.world.asked = []
    door.happens('asked')
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
    door.world.asked = [askedSample(2)]
    door.happens('asked')
    await screen.findByRole('alertdialog')
    door.lockElsewhere()
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  })

  test('comes after the one before it', async () => {
    const opened = await openMain()
    opened.door.world.asked = [askedSample(1), askedSample(2)]
    opened.door.happens('asked')
    const dialog = await screen.findByRole('alertdialog')
    expect(dialog.textContent).toContain('1 more request waits.')
    await opened.user.keyboard('{Escape}')
    await waitFor(() => expect(screen.getByRole('alertdialog').textContent).not.toContain('more request'))
    expect(opened.door.world.asked.map((one) => one.id)).toEqual([2])
  })
})
