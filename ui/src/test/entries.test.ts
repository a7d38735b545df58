// Forms and details of the kinds, what is known about an entry, and moving it.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test, vi } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { HOLD } from '../parts/RevealButton.svelte'
import { aboutOf, changedMetadata, changedTags } from '../state/about'
import { chooseFile, chooseFromMenu, openMain, select } from './window'

const options = {
  bundles: [sampleBundle('api/dev'), sampleBundle('api/prod', { members: ['ann', 'bob', 'carol'] })],
  entries: [sampleEntry('api/dev', 'ALPHA', { versions: 3, tags: ['old'] })],
}

async function newEntry(kind: string) {
  const opened = await openMain(options)
  await opened.user.keyboard('{Control>}n{/Control}')
  const dialog = await screen.findByRole('dialog', { name: 'New entry' })
  await opened.user.selectOptions(within(dialog).getByLabelText('Kind'), kind)
  await opened.user.type(within(dialog).getByLabelText('Name'), 'BETA')
  return { ...opened, dialog }
}

const save = (dialog: HTMLElement) => within(dialog).getByRole('button', { name: 'Save' })

test('a login is written field by field, and its address is text and no link', async () => {
  const { user, door, dialog } = await newEntry('login')
  await user.type(within(dialog).getByLabelText('User name'), 'ann')
  await user.type(within(dialog).getByLabelText('Password'), 'correct')
  await user.type(within(dialog).getByLabelText('Address'), 'https://example.org')
  await user.click(save(dialog))
  const article = await screen.findByRole('article', { name: 'Entry BETA' })
  await user.click(within(article).getByRole('button', { name: 'Reveal: Address' }))
  await within(article).findByText('https://example.org')
  expect(article.querySelector('a')).toBeNull()
  expect((await door.ask('reveal', { bundle: 'api/dev', name: 'BETA', field: 'username' })).value).toBe('ann')
})

test('a file that is no text is kept byte for byte, and keeps its name', async () => {
  const { user, door, dialog } = await newEntry('file')
  const given: unknown[] = []
  const answer = door.answers.set_entry
  door.answers.set_entry = (ask) => {
    given.push(ask.fields)
    return answer?.(ask) as never
  }
  const chooser = dialog.querySelector<HTMLInputElement>('input[type="file"]')
  await user.upload(chooser as HTMLInputElement, new File([new Uint8Array([0, 255, 254])], 'keystore.jks'))
  await within(dialog).findByText('will be saved byte for byte')
  await user.click(save(dialog))
  await screen.findByRole('article', { name: 'Entry BETA' })
  expect(given).toEqual([
    [
      ['content', { given: [0, 255, 254] }],
      ['filename', { given: 'keystore.jks' }],
    ],
  ])
})

test('what is known about an entry is edited without touching its value', async () => {
  const { user, door } = await openMain(options)
  await select(user, 'ALPHA')
  await user.keyboard('e')
  const dialog = await screen.findByRole('dialog', { name: 'Edit ALPHA' })
  await user.type(within(dialog).getByLabelText('Purpose'), 'The main database')
  await user.clear(within(dialog).getByLabelText(/^Tags/))
  await user.type(within(dialog).getByLabelText(/^Tags/), 'postgres, primary,')
  await user.type(within(dialog).getByLabelText(/^Rotate every/), '90')
  await user.type(within(dialog).getByLabelText('Note'), 'ask bob')
  await user.click(save(dialog))
  const article = await screen.findByRole('article', { name: 'Entry ALPHA' })
  await within(article).findByText('The main database')
  expect(door.world.entries[0]).toMatchObject({
    tags: ['postgres', 'primary'],
    metadata: { purpose: 'The main database', rotate_every_days: 90 },
  })
  // The note is as secret as a value.
  expect(document.documentElement.outerHTML).not.toContain('ask bob')
  await user.click(within(article).getByRole('button', { name: 'Reveal: Note' }))
  await within(article).findByText('ask bob')
})

test('only what was touched is written, and what was emptied is cleared', () => {
  const metadata = { purpose: 'this', owner: 'bob', expires: 2_000_000_000, rotate_every_days: 30, lineage: 'moved', note: null }
  const before = aboutOf(sampleEntry('api/dev', 'ALPHA', { metadata, tags: ['one', 'two'] }))
  const nothing = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }
  expect(changedMetadata(before, { ...before })).toEqual(nothing)
  expect(changedTags(before, { ...before })).toBeNull()
  const emptied = { purpose: '', owner: 'bob', expires: '', rotate: '', tags: '', note: '' }
  expect(changedMetadata(before, emptied)).toEqual({ ...nothing, purpose: '', expires: 0, rotate_every_days: 0 })
  expect(changedTags(before, emptied)).toEqual([])
  const day = changedMetadata(before, { ...before, expires: '2030-12-31' }).expires ?? 0
  expect(new Date(day * 1000).toString()).toContain('Dec 31 2030 23:59:59')
})

// threat 51
test('held down, a value is seen for as long as it is held', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { user } = await openMain(options)
    await select(user, 'ALPHA')
    const button = screen.getByRole('button', { name: 'Reveal: Value' })
    await fireEvent.pointerDown(button)
    await screen.findByText('plaintext-of-ALPHA-value')
    await vi.advanceTimersByTimeAsync(HOLD + 10)
    await fireEvent.pointerUp(button)
    await fireEvent.click(button)
    await waitFor(() => expect(document.documentElement.outerHTML).not.toContain('plaintext-of-ALPHA-value'))
  } finally {
    vi.useRealTimers()
  }
})

test('a code is shown with its time, follows the next, and is gone on blur; its secret is never asked for', async () => {
  const { user, door } = await openMain({
    ...options,
    entries: [sampleEntry('api/dev', 'CODE', { kind: 'one-time-password', fields: ['secret'] })],
  })
  let asked = 0
  const until = Math.floor(Date.now() / 1000) + 1
  door.answers.code = () => {
    asked += 1
    return {
      code: asked === 1 ? '111222' : '333444',
      until: asked === 1 ? until : until + 60,
      seconds_left: 1,
      period: 30,
      warnings: [],
    }
  }
  await select(user, 'CODE')
  await user.keyboard('r')
  await screen.findByText('333 444')
  expect(asked).toBe(2)
  await user.click(screen.getByRole('button', { name: 'Copy: Code' }))
  await fireEvent.blur(window)
  await waitFor(() => expect(document.documentElement.outerHTML).not.toContain('333 444'))
  expect(door.calls).not.toContain('reveal')
})

test('an earlier version is looked at and restored, and that is undone', async () => {
  const { user, door } = await openMain({ ...options, entries: [...options.entries, sampleEntry('api/dev', 'OMEGA')] })
  const article = await select(user, 'ALPHA')
  const details = article.querySelector('details') as HTMLDetailsElement
  details.open = true
  await fireEvent(details, new Event('toggle'))
  const asked: unknown[] = []
  door.answers.reveal = (ask) => {
    asked.push(ask.version)
    return { value: 'the second', warnings: [] }
  }
  await user.click(await within(article).findByRole('button', { name: 'Show the values of version 2' }))
  await user.click(within(details).getByRole('button', { name: 'Reveal: Value' }))
  await within(details).findByText('the second')
  expect(asked).toEqual([2])
  await user.click(within(article).getByRole('button', { name: 'Restore version 2' }))
  // Undone though another entry is shown by then.
  const undone: unknown[] = []
  const undo = await screen.findByRole('button', { name: 'Undo' })
  await select(user, 'OMEGA')
  door.answers.restore_entry = (ask) => {
    undone.push(ask)
    return { id: '', bundle: 'api/dev', name: 'ALPHA', version: 5, change: 'changed', warnings: [] }
  }
  await user.click(undo)
  await waitFor(() =>
    expect(undone).toEqual([{ entry: { named: { bundle: 'api/dev', name: 'ALPHA' } }, version: 3, dry_run: false }]),
  )
})

test('moving says who will read it then, and is undone', async () => {
  const { user, door } = await openMain(options)
  const article = await select(user, 'ALPHA')
  await chooseFromMenu(user, within(article).getByRole('button', { name: 'What to do with ALPHA' }), 'Move or rename')
  const dialog = await screen.findByRole('dialog', { name: 'Move or rename ALPHA' })
  await user.selectOptions(within(dialog).getByLabelText('Bundle'), 'api/prod')
  expect(within(dialog).getByRole('status').textContent).toMatch(/Will be able to read it then:\s*carol/)
  await user.click(within(dialog).getByRole('button', { name: 'Move' }))
  await screen.findByText('ALPHA is moved.')
  expect(door.world.entries.map((entry) => entry.bundle)).toEqual(['api/prod'])
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(door.world.entries.map((entry) => entry.bundle)).toEqual(['api/dev']))
})

test('a copy in another bundle leaves the entry where it is', async () => {
  const { user, door } = await openMain(options)
  const article = await select(user, 'ALPHA')
  await chooseFromMenu(user, within(article).getByRole('button', { name: 'What to do with ALPHA' }), 'Move or rename')
  const dialog = await screen.findByRole('dialog')
  await user.selectOptions(within(dialog).getByLabelText('Bundle'), 'api/prod')
  await user.click(within(dialog).getByLabelText(/only copy it/))
  await user.click(within(dialog).getByRole('button', { name: 'Copy' }))
  await screen.findByText('ALPHA is copied to api/prod.')
  expect(door.world.entries.map((entry) => entry.bundle)).toEqual(['api/dev', 'api/prod'])
  expect(door.calls).not.toContain('move_entry')
})

test('a field is saved to a file without coming into the window', async () => {
  const { user, door } = await openMain({
    ...options,
    entries: [sampleEntry('api/dev', 'KEY', { kind: 'key', fields: ['private'] })],
  })
  const article = await select(user, 'KEY')
  await user.click(within(article).getByRole('button', { name: 'Save to a file: Private key' }))
  const dialog = await screen.findByRole('dialog', { name: 'Save KEY to a file' })
  await chooseFile(user, 'File', dialog)
  await user.click(within(dialog).getByRole('button', { name: 'Save the file' }))
  await screen.findByText(/Saved to \/home\/ann\//)
  expect(door.calls).toContain('save_field')
  expect(door.calls).not.toContain('reveal')
})
