import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import type { UserEvent } from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { openMain } from './window'

const options = {
  bundles: [sampleBundle('api/dev'), sampleBundle('web/dev')],
  entries: ['ALPHA', 'BETA', 'GAMMA'].map((name) => sampleEntry('api/dev', name)),
}

async function typeIntoPalette(user: UserEvent, text: string) {
  await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('combobox'))
  await user.keyboard(text)
}

const selected = () => screen.queryByRole('option', { selected: true })?.textContent ?? ''

test('arrows and letters move the selection and stop at the ends', async () => {
  const { user } = await openMain(options)
  await user.keyboard('j')
  expect(selected()).toContain('ALPHA')
  await user.keyboard('{ArrowDown}j')
  expect(selected()).toContain('GAMMA')
  await user.keyboard('j')
  expect(selected()).toContain('GAMMA')
  await user.keyboard('k{ArrowUp}k')
  expect(selected()).toContain('ALPHA')
  await user.keyboard('{End}')
  expect(selected()).toContain('GAMMA')
})

test('everything is drawn larger and smaller, in dialogs too', async () => {
  const { user, door } = await openMain(options)
  const zoom = () => door.world.settings.zoom
  await user.keyboard('{Control>}={/Control}')
  await waitFor(() => expect(zoom()).toBe(110))
  await user.keyboard('{Control>}n{/Control}')
  await screen.findByRole('dialog')
  await user.keyboard('{Control>}-{/Control}')
  await waitFor(() => expect(zoom()).toBe(100))
  await user.keyboard('{Control>}-{/Control}')
  await waitFor(() => expect(zoom()).toBe(90))
  await user.keyboard('{Control>}0{/Control}')
  await waitFor(() => expect(zoom()).toBe(100))
})

test('letters typed into the search are text, and the first hit can be copied from there', async () => {
  const { user, door } = await openMain(options)
  await user.keyboard('{Control>}f{/Control}')
  expect(document.activeElement).toBe(screen.getByRole('searchbox'))
  await user.keyboard('gamm')
  expect(screen.getAllByRole('option')).toHaveLength(1)
  expect(selected()).toContain('GAMMA')
  await user.keyboard('{Control>}c{/Control}')
  await waitFor(() => expect(door.calls).toContain('copy'))
})

test('Ctrl+C is left alone where text is marked', async () => {
  const { user, door } = await openMain(options)
  await user.keyboard('j')
  document.getSelection()?.selectAllChildren(screen.getByRole('navigation'))
  await user.keyboard('{Control>}c{/Control}')
  expect(door.calls).not.toContain('copy')
  document.getSelection()?.removeAllRanges()
})

test('the palette opens over everything, finds an entry and shows it', async () => {
  const { user } = await openMain(options)
  await user.keyboard('{Control>}k{/Control}')
  const palette = await screen.findByRole('dialog', { name: 'Commands' })
  await typeIntoPalette(user, 'beta')
  await waitFor(() => expect(within(palette).getAllByRole('option')[0]?.textContent).toContain('BETA'))
  await user.keyboard('{Enter}')
  await screen.findByRole('article', { name: 'Entry BETA' })
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('the palette carries out an action', async () => {
  const { user } = await openMain(options)
  await user.keyboard('{Control>}k{/Control}')
  await screen.findByRole('dialog')
  await typeIntoPalette(user, 'lock')
  await user.keyboard('{Enter}')
  await screen.findByText('Sealfold is locked')
})

test('what the palette would do to an entry says to which', async () => {
  const { user } = await openMain(options)
  await user.keyboard('j{Control>}k{/Control}')
  const palette = await screen.findByRole('dialog', { name: 'Commands' })
  const remove = within(palette)
    .getAllByRole('option')
    .find((option) => option.textContent.includes('Remove'))
  expect(remove?.textContent).toContain('ALPHA')
})

test('Escape closes a dialog, then clears the search', async () => {
  const { user } = await openMain(options)
  await user.keyboard('{Control>}/{/Control}')
  await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  await user.keyboard('{Control>}f{/Control}beta')
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(3))
})

test('keys of the list mean nothing while a dialog is open', async () => {
  const { user, door } = await openMain(options)
  await user.keyboard('j')
  await user.keyboard('{Control>}/{/Control}')
  await screen.findByRole('dialog')
  await fireEvent.keyDown(window, { key: 'Delete' })
  await fireEvent.keyDown(window, { key: 'c', ctrlKey: true })
  expect(door.calls).not.toContain('remove_entries')
  expect(door.calls).not.toContain('copy')
})

test('an entry is removed by a key and comes back by undo', async () => {
  const { user, door } = await openMain(options)
  await user.keyboard('j{Delete}')
  await screen.findByText('ALPHA is removed.')
  expect(screen.getAllByRole('option')).toHaveLength(2)
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(3))
  expect(door.calls).toContain('restore_entry')
  expect(selected()).toContain('ALPHA')
})
