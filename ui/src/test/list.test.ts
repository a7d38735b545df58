import { fireEvent, screen, waitFor } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { manyEntries, sampleBundle, sampleEntries, sampleEntry } from '../ipc/fake/sample'
import { isDue, nextDue } from '../state/due'
import { legible } from '../state/legible'
import { best, prepare, search } from '../state/search'
import { openMain } from './window'

const DAY = 86_400

test('of 100,000 entries only those in sight exist, wherever the list is scrolled to', async () => {
  await openMain({ entries: manyEntries(100_000) })
  const list = await screen.findByRole('listbox')
  expect(screen.getAllByRole('option').length).toBeLessThan(50)
  list.scrollTop = 50_000 * 34
  await fireEvent.scroll(list)
  const rows = screen.getAllByRole('option')
  expect(rows.length).toBeLessThan(50)
  expect(rows.some((row) => row.textContent.includes('SECRET_050000'))).toBe(true)
  expect(rows[0]?.getAttribute('aria-setsize')).toBe('100000')
})

test('the last of 100,000 comes into sight when it is selected', async () => {
  const { user } = await openMain({ entries: manyEntries(100_000) })
  const list = await screen.findByRole('listbox')
  await user.keyboard('{End}')
  await fireEvent.scroll(list)
  await waitFor(() => expect(screen.getByRole('option', { selected: true }).textContent).toContain('SECRET_099999'))
})

test('a search finds every word, in name, bundle, kind and tags, in any case', () => {
  const entries = prepare(manyEntries(1000))
  expect(search(entries, 'secret_0042').map((entry) => entry.name)).toEqual(['SECRET_0042'])
  expect(search(entries, 'PROJECT7/ tenth')).toHaveLength(0)
  expect(search(entries, 'project10/ tenth login')).toHaveLength(
    entries.filter((e) => e.bundle === 'project10/dev' && e.kind === 'login').length,
  )
})

test('a search finds what looking at each entry finds, in one list after another', () => {
  for (const entries of [prepare(manyEntries(2000)), prepare(sampleEntries()), prepare([])]) {
    for (const query of ['s', 'secret_1', 'secret_12 log', 'log log', 'url', '9', 'variable', '\\', 'e\nv']) {
      const words = query.split(/\s+/)
      expect(search(entries, query)).toEqual(entries.filter((entry) => words.every((word) => entry.searched.includes(word))))
    }
  }
})

test('what is typed letter by letter, and taken back, finds the same', () => {
  const entries = prepare(manyEntries(2000))
  const looked = (query: string) =>
    entries.filter((entry) =>
      query
        .toLowerCase()
        .split(/\s+/)
        .every((word) => entry.searched.includes(word)),
    )
  const typed = [...'Secret_12 login  p'].map((_, index, letters) => letters.slice(0, index + 1).join(''))
  for (const query of [...typed, ...typed.toReversed(), 'x_12', 'ret_12', 'secret_1']) {
    expect(search(entries, query), query).toEqual(looked(query))
  }
})

test('names that begin with the query come before those that hold it', () => {
  const entries = prepare(['A_KEY', 'B_KEY', 'KEY'].map((name) => sampleEntry('api/dev', name)))
  expect(best(entries, 'key', 2).map((entry) => entry.name)).toEqual(['KEY', 'A_KEY'])
})

test('smart lists hold what they say', async () => {
  const now = Date.now() / 1000
  const metadata = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }
  const { user } = await openMain({
    bundles: [sampleBundle('api/dev')],
    entries: [
      sampleEntry('api/dev', 'EXPIRES', { metadata: { ...metadata, expires: now + DAY } }),
      sampleEntry('api/dev', 'LATER', { metadata: { ...metadata, expires: now + 90 * DAY } }),
      sampleEntry('api/dev', 'TORN', { conflict: true }),
    ],
  })
  const shown = () => screen.getAllByRole('option').map((row) => row.querySelector('bdi')?.textContent)
  await user.click(screen.getByRole('button', { name: /^Due/ }))
  expect(shown()).toEqual(['EXPIRES'])
  await user.click(screen.getByRole('button', { name: /^Conflicts/ }))
  expect(shown()).toEqual(['TORN'])
})

test('what comes first of expiry and rotation is what is due', () => {
  const metadata = { purpose: null, owner: null, expires: 100 * DAY, rotate_every_days: 30, lineage: null, note: null }
  const entry = sampleEntry('api/dev', 'ALPHA', { metadata, updated: 10 * DAY })
  expect(nextDue(entry)).toEqual({ reason: 'rotate', at: 40 * DAY })
  expect([isDue(entry, 25 * DAY), isDue(entry, 26 * DAY)]).toEqual([false, true])
})

// threats 38, 60
test('what would reorder or hide in a name is shown as its number', () => {
  expect(legible('API\u202eYEK')).toBe('API\\u{202e}YEK')
  expect(legible('a\u200bb\nc\x1b[31m')).toBe('a\\u{200b}b\\u{a}c\\u{1b}[31m')
  expect(legible('Schlüssel 🔑 名前')).toBe('Schlüssel 🔑 名前')
})

// threat 68
test('markup in a name is text', async () => {
  const name = '<img src=x onerror=alert(1)>'
  await openMain({ bundles: [sampleBundle('api/dev')], entries: [sampleEntry('api/dev', name)] })
  expect(screen.getByText(name)).toBeTruthy()
  expect(document.querySelector('img[src="x"]')).toBeNull()
})
