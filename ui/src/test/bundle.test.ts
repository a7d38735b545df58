// A bundle as a table and as text; exported, archived, dropped upon.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test, vi } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { chooseFile, inPage, openBundleMenu, openMain } from './window'

const options = () => ({
  bundles: [sampleBundle('api/dev'), sampleBundle('web/dev')],
  entries: [
    sampleEntry('api/dev', 'ALPHA'),
    sampleEntry('api/dev', 'BETA'),
    sampleEntry('api/dev', 'key', { kind: 'key' as const, fields: ['private'] }),
  ],
})

async function fromMenu(item: string, more: object = {}) {
  const opened = await openMain({ ...options(), ...more })
  const items = await openBundleMenu(opened.user, 'api/dev')
  await opened.user.click(items.find((one) => one.textContent?.trim() === item) as HTMLElement)
  return opened
}

async function openText() {
  const opened = await fromMenu('Open as text')
  await opened.user.click(await screen.findByRole('button', { name: 'Open the text' }))
  const text = await screen.findByLabelText<HTMLTextAreaElement>('Text of api/dev')
  return { ...opened, text }
}

const shown = () =>
  document.documentElement.outerHTML + [...document.querySelectorAll('textarea')].map((area) => area.value).join()

test('in the table a value is replaced without being shown, a name is changed, and a variable is added', async () => {
  const { user, door } = await fromMenu('Open as a table')
  await user.click(await screen.findByRole('button', { name: 'Give ALPHA a new value' }))
  await user.keyboard('fresh{Enter}')
  await waitFor(() => expect(door.world.values.get('api/dev\nALPHA\nvalue')).toBe('fresh'))
  await user.click(screen.getByRole('button', { name: 'Rename BETA' }))
  const name = screen.getByRole('textbox', { name: 'Rename BETA' })
  await user.clear(name)
  await user.type(name, 'GAMMA{Enter}')
  await screen.findByText('GAMMA is moved.')
  await user.type(screen.getByLabelText('New name'), 'DELTA')
  await user.type(screen.getByLabelText('Its value'), '4{Enter}')
  await screen.findByRole('button', { name: 'DELTA' })
  expect(door.world.entries.map((entry) => entry.name).sort()).toEqual(['ALPHA', 'DELTA', 'GAMMA', 'key'])
  expect(door.calls).not.toContain('reveal')
})

test('Escape leaves a row as it was; a key of the list does nothing here', async () => {
  const { user, door } = await openMain(options())
  // Selected in the list, which is not seen here.
  await user.keyboard('j')
  const items = await openBundleMenu(user, 'api/dev')
  await user.click(items[0] as HTMLElement)
  await user.click(await screen.findByRole('button', { name: 'Give ALPHA a new value' }))
  await user.keyboard('fresh{Escape}')
  await screen.findByRole('button', { name: 'Give ALPHA a new value' })
  await user.keyboard('{Delete}')
  expect(door.calls).not.toContain('set_entry')
  expect(door.calls).not.toContain('remove_entries')
})

test('the text is previewed and saved as it was previewed', async () => {
  const { user, door, text } = await openText()
  expect(text.value).toBe('ALPHA=plaintext-of-ALPHA-value\nBETA=plaintext-of-BETA-value\n')
  expect(screen.getByText('1 entry is not in the text and stays as it is')).toBeTruthy()
  await user.clear(text)
  await user.type(text, 'ALPHA=other\nFRESH=1')
  await user.click(screen.getByRole('button', { name: 'Preview the changes' }))
  const preview = await screen.findByRole('region', { name: 'What the import would do' })
  expect(
    within(preview)
      .getAllByRole('row')
      .slice(1)
      .map((row) => row.textContent),
  ).toEqual(['ALPHAchanged', 'FRESHnew', 'BETAremoved'])
  expect(door.world.entries).toHaveLength(3)
  await user.click(screen.getByRole('button', { name: 'Save 3 changes to api/dev' }))
  await screen.findByText('3 changes are saved to api/dev.')
  expect(door.world.entries.map((entry) => entry.name).sort()).toEqual(['ALPHA', 'FRESH', 'key'])
  expect(shown()).not.toContain('other')
})

test('lines that cannot be kept are said, and nothing is saved', async () => {
  const { user, text } = await openText()
  await user.type(text, 'what is this')
  await user.click(screen.getByRole('button', { name: 'Preview the changes' }))
  await screen.findByText('This line sets nothing and is left out.')
  expect((screen.getByRole('button', { name: /^Save/ }) as HTMLButtonElement).disabled).toBe(true)
})

test('a text whose bundle was changed meanwhile is refused, and opened anew on request', async () => {
  const { user, door, text } = await openText()
  await user.type(text, 'MINE=1')
  await door.ask('remove_entries', { bundle: 'api/dev', names: ['BETA'], dry_run: false })
  await user.click(screen.getByRole('button', { name: 'Preview the changes' }))
  expect((await screen.findByRole('alert')).textContent).toContain('was changed since')
  expect(text.value).toContain('MINE=1')
  await user.click(screen.getByRole('button', { name: 'Open the text anew' }))
  await waitFor(() =>
    expect(screen.getByLabelText<HTMLTextAreaElement>('Text of api/dev').value).toBe('ALPHA=plaintext-of-ALPHA-value\n'),
  )
})

// threat 51
test('a text that nobody changed is gone when the window loses the focus; a changed one is covered', async () => {
  const { user, text } = await openText()
  await fireEvent.blur(window)
  await screen.findByRole('button', { name: 'Open the text' })
  expect(shown()).not.toContain('plaintext-of')
  await user.click(screen.getByRole('button', { name: 'Open the text' }))
  const again = await screen.findByLabelText<HTMLTextAreaElement>('Text of api/dev')
  expect(again).not.toBe(text)
  await user.type(again, 'MINE=1')
  await fireEvent.blur(window)
  await screen.findByRole('button', { name: 'Show the text again' })
  expect(again.classList.contains('veiled')).toBe(true)
})

// threat 51
test('a text that nobody changed is gone after a while', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  await openText()
  await vi.advanceTimersByTimeAsync(301_000)
  vi.useRealTimers()
  await screen.findByRole('button', { name: 'Open the text' })
  expect(shown()).not.toContain('plaintext-of')
})

// threat 51
test('the text is gone when the vault is locked, or another place is shown', async () => {
  const { user, door } = await openText()
  await user.click(screen.getByRole('button', { name: /^All/ }))
  expect(shown()).not.toContain('plaintext-of')
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  expect(shown()).not.toContain('plaintext-of')
})

test('an export goes to those who were chosen, and in plain only when that was said', async () => {
  const { user, door } = await fromMenu('Export to a file')
  const dialog = await screen.findByRole('dialog', { name: 'Export api/dev' })
  const asked: unknown[] = []
  const answer = door.answers.export
  door.answers.export = (ask) => {
    asked.push([ask.export.to, ask.export.format, ask.file])
    return answer?.(ask) as never
  }
  const write = within(dialog).getByRole('button', { name: 'Write the encrypted file' }) as HTMLButtonElement
  expect(write.disabled).toBe(true)
  await chooseFile(user, 'File', dialog)
  expect(write.disabled).toBe(true)
  await user.click(within(dialog).getByLabelText('bob'))
  await user.type(within(dialog).getByLabelText(/^Keys/), 'age1xyz')
  await user.click(write)
  await within(dialog).findByText(/3 entries are written to/)
  expect(asked).toEqual([[['bob', 'age1xyz'], 'dotenv', 1]])
})

test('an archived bundle leaves the lists, comes back by undo, and by its own list', async () => {
  const { user } = await fromMenu('Archive')
  await screen.findByText('api/dev is archived.')
  expect(document.querySelector('[data-bundle="api/dev"]')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(document.querySelector('[data-bundle="api/dev"]')).not.toBeNull())
  const items = await openBundleMenu(user, 'api/dev')
  await user.click(items.at(-1) as HTMLElement)
  await user.click(await screen.findByRole('button', { name: 'Archived bundles' }))
  await user.click(await screen.findByRole('button', { name: 'Bring api/dev back' }))
  await waitFor(() => expect(document.querySelector('[data-bundle="api/dev"]')).not.toBeNull())
})

test('a .env that falls on a bundle is imported there', async () => {
  await openMain(options())
  const drop = new Event('drop', { bubbles: true, cancelable: true })
  Object.assign(drop, { dataTransfer: { files: [new File(['FRESH=1 # one'], '.env')] } })
  await fireEvent(document.querySelector('[data-bundle="web/dev"] .label') as HTMLElement, drop)
  const dialog = await screen.findByRole('dialog', { name: 'Import a .env' })
  await within(dialog).findByText(/readers disagree/)
  expect(within(dialog).getByLabelText<HTMLInputElement>(/Into the bundle/).value).toBe('web/dev')
})

test('another dialect previews anew', async () => {
  const { user, door } = await openMain(options())
  const paste = new Event('paste', { bubbles: true })
  Object.assign(paste, { clipboardData: { getData: () => 'FRESH=1' } })
  await fireEvent(window, paste)
  await screen.findByRole('region', { name: 'What the import would do' })
  await user.selectOptions(screen.getByLabelText('Read it as'), 'compose')
  await waitFor(() => expect(door.calls.filter((call) => call === 'import')).toHaveLength(2))
})

test('a bundle in the palette comes before what lies in it, and so does what can be done with it', async () => {
  const { user } = await openMain(options())
  await user.keyboard('{Control>}k{/Control}')
  const palette = await screen.findByRole('dialog', { name: 'Commands' })
  await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('combobox'))
  await user.keyboard('api/dev text')
  await user.keyboard('{Enter}')
  await screen.findByRole('button', { name: 'Open the text' })
  expect((await inPage()).textContent).toContain('api/dev')
  expect(palette.isConnected).toBe(false)
})
