// Writing entries: by the form, by a .env, from the history.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { openMain, select } from './window'

const options = {
  bundles: [sampleBundle('api/dev')],
  entries: [sampleEntry('api/dev', 'ALPHA', { versions: 3 })],
}

test('a new entry is written and shown', async () => {
  const { user, door } = await openMain(options)
  await user.click(screen.getByRole('button', { name: 'New entry' }))
  const dialog = await screen.findByRole('dialog', { name: 'New entry' })
  await user.type(within(dialog).getByLabelText('Name'), 'BETA')
  await user.type(within(dialog).getByLabelText('Value'), 'some value')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await screen.findByRole('article', { name: 'Entry BETA' })
  expect((await door.ask('reveal', { bundle: 'api/dev', name: 'BETA', field: 'value' })).value).toBe('some value')
  expect(document.documentElement.outerHTML).not.toContain('some value')
})

test('a generated value is never asked for', async () => {
  const { user, door } = await openMain(options)
  await select(user, 'ALPHA')
  await user.keyboard('e')
  const dialog = await screen.findByRole('dialog', { name: 'Edit ALPHA' })
  await user.click(within(dialog).getByLabelText('Generate it'))
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(door.calls).toContain('set_entry')
  expect(door.calls).not.toContain('reveal')
})

test('editing shows no present value, and saving nothing says so', async () => {
  const { user, door } = await openMain(options)
  await select(user, 'ALPHA')
  await user.keyboard('e')
  const dialog = await screen.findByRole('dialog')
  expect((within(dialog).getByLabelText('Value') as HTMLInputElement).value).toBe('')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('nothing to save')
  expect(door.calls).not.toContain('set_entry')
})

test('a dropped .env is previewed as new, changed and same, and taken in', async () => {
  const { user, door } = await openMain(options)
  await door.ask('import', {
    bundle: 'api/dev',
    data: 'KEPT=same',
    unverified: false,
    source: 'a test',
    interpolate: false,
    dry_run: false,
  })
  door.calls.length = 0
  const file = new File(['ALPHA=other\nKEPT=same\nFRESH=1\nwhat is this\n'], '.env')
  const drop = new Event('drop', { bubbles: true, cancelable: true })
  Object.assign(drop, { dataTransfer: { files: [file] } })
  await fireEvent(window, drop)

  const preview = await screen.findByRole('region', { name: 'What the import would do' })
  const rows = within(preview)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent)
  expect(rows).toEqual(['ALPHAchanged', 'KEPTsame', 'FRESHnew'])
  expect(screen.getByText('This line sets nothing and is left out.')).toBeTruthy()
  expect(door.world.entries.some((entry) => entry.name === 'FRESH')).toBe(false)

  await user.click(screen.getByRole('button', { name: /^Import 2 changes into/ }))
  await screen.findByText(/2 changes are imported/)
  expect(screen.getAllByRole('option')).toHaveLength(3)
})

test('text of a .env pasted on the list opens the preview; other text does nothing', async () => {
  await openMain(options)
  const paste = (text: string) => {
    const event = new Event('paste', { bubbles: true })
    Object.assign(event, { clipboardData: { getData: () => text } })
    return fireEvent(window, event)
  }
  await paste('nothing of the kind')
  expect(screen.queryByRole('dialog')).toBeNull()
  await paste('export FRESH=1')
  await screen.findByRole('region', { name: 'What the import would do' })
})

test('importing into a bundle that does not exist makes it', async () => {
  const { user, door } = await openMain({ bundles: [], entries: [] })
  await user.keyboard('{Control>}i{/Control}')
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText(/Into the bundle/), 'web/dev')
  await user.type(within(dialog).getByLabelText('Text of the .env'), 'FRESH=1')
  await user.click(within(dialog).getByRole('button', { name: 'Preview' }))
  await user.click(await within(dialog).findByRole('button', { name: 'Import 1 change into web/dev' }))
  await screen.findByRole('option')
  expect((await door.ask('list_bundles', { archived: false })).map((bundle) => bundle.name)).toEqual(['web/dev'])
})

test('an older version is restored from the history', async () => {
  const { user, door } = await openMain(options)
  const article = await select(user, 'ALPHA')
  const details = article.querySelector('details')
  if (!details) throw new Error('there is no history')
  details.open = true
  await fireEvent(details, new Event('toggle'))
  await user.click(await within(article).findByRole('button', { name: 'Restore version 2' }))
  await screen.findByText('Version 2 is current again.')
  expect(door.calls).toContain('restore_entry')
})

test('a refused bundle name is said where it was typed', async () => {
  const { user } = await openMain(options)
  await user.click(screen.getByRole('button', { name: 'New bundle' }))
  const dialog = await screen.findByRole('dialog')
  await user.type(within(dialog).getByLabelText(/Project and environment/), 'nonsense{Enter}')
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Write it with one slash')
})

test('a bundle is made once, however often Enter is pressed', async () => {
  const { user, door } = await openMain(options)
  await user.click(screen.getByRole('button', { name: 'New bundle' }))
  const dialog = await screen.findByRole('dialog')
  let made = (_: unknown) => {}
  const asked: string[] = []
  door.answers.new_bundle = ({ name }) => {
    asked.push(name)
    return new Promise((resolve) => (made = resolve)) as never
  }
  const field = within(dialog).getByLabelText(/Project and environment/)
  await user.type(field, 'web/dev{Enter}')
  await fireEvent.submit(field.closest('form') as HTMLFormElement)
  made(sampleBundle('web/dev'))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(asked).toEqual(['web/dev'])
})
