// The audit: filtered, searched, asked for by and by, and its chain verified.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { FakeDoor } from '../ipc/fake'
import { sampleAudit } from '../ipc/fake/sync'
import { AuditLog } from '../state/audit.svelte'
import { goTo, openMain } from './window'

const NOTHING = { operation: null, bundle: null, failed: false }

async function openAudit(options = {}) {
  const opened = await openMain(options)
  await goTo(opened.user, 'audit')
  await screen.findByRole('listbox', { name: 'Rows of the audit' })
  return opened
}

test('rows come by and by, each once, also where many are of one second', async () => {
  const audit = sampleAudit(950).map((row, index) => ({ ...row, at: index < 700 ? 1_700_000_000 : 1_600_000_000 - index }))
  const log = new AuditLog(new FakeDoor({ locked: false, audit }))
  await log.ask(NOTHING)
  expect(log.rows).toHaveLength(200)
  while (log.more) await log.older()
  expect(log.rows.map((row) => row.index)).toEqual(audit.map((row) => row.index))
})

test('an answer to an earlier question is dropped', async () => {
  const door = new FakeDoor({ locked: false })
  const log = new AuditLog(door)
  const real = door.answers.list_audit
  let late = () => {}
  door.answers.list_audit = () => new Promise((resolve) => (late = () => resolve(sampleAudit(3))))
  const first = log.ask(NOTHING)
  await Promise.resolve()
  door.answers.list_audit = real
  await log.ask({ ...NOTHING, operation: 'export' })
  late()
  await first
  expect(new Set(log.rows.map((row) => row.operation))).toEqual(new Set(['export']))
})

test('older rows are asked for when the end comes into sight', async () => {
  const { door } = await openAudit()
  const list = screen.getByRole('listbox', { name: 'Rows of the audit' })
  expect(within(list).getAllByRole('option')[0]?.getAttribute('aria-setsize')).toBe('200')
  list.scrollTop = 200 * 34
  await fireEvent.scroll(list)
  await waitFor(() => expect(within(list).getAllByRole('option')[0]?.getAttribute('aria-setsize')).toBe('230'))
  expect(door.calls.filter((call) => call === 'list_audit')).toHaveLength(2)
})

test('rows are filtered by the program and searched in the window', async () => {
  const { user } = await openAudit()
  await user.selectOptions(screen.getByLabelText('What'), 'export')
  const rows = () => within(screen.getByRole('listbox', { name: 'Rows of the audit' })).getAllByRole('option')
  await waitFor(() => expect(rows().every((row) => row.textContent.includes('export'))).toBe(true))
  await user.type(screen.getByLabelText('Text'), 'build-box')
  await waitFor(() => expect(rows().every((row) => row.textContent.includes('build-box'))).toBe(true))
  await user.type(screen.getByLabelText('Text'), ' no such thing')
  await screen.findByText('No such rows')
})

test('arrows choose a row, and all that it says is shown', async () => {
  const { user } = await openAudit()
  screen.getByRole('listbox', { name: 'Rows of the audit' }).focus()
  await user.keyboard('{ArrowDown}{ArrowDown}')
  const row = await screen.findByRole('region', { name: 'Row 229' })
  expect(row.textContent).toContain('npm start')
})

test('a chain that holds is said to, and a broken one is a fault', async () => {
  const { user, door } = await openAudit()
  await user.click(screen.getByRole('button', { name: 'Verify the chain' }))
  await screen.findByText(/The chain holds: 230 rows/)
  door.failures.set('verify_audit', {
    code: 'integrity',
    message: 'The audit chain is broken at row 7.',
    subject: null,
    next: 'Keep the file as evidence.',
  })
  await user.click(screen.getByRole('button', { name: 'Verify the chain' }))
  expect((await screen.findByRole('alert')).textContent).toContain('broken at row 7')
  expect(screen.queryByText(/The chain holds/)).toBeNull()
})

test('keys that act on an entry do nothing on a page, where none is seen', async () => {
  const { user, door } = await openMain()
  await user.keyboard('j')
  await goTo(user, 'audit')
  await screen.findByRole('listbox', { name: 'Rows of the audit' })
  ;(document.activeElement as HTMLElement).blur()
  await user.keyboard('{Delete}{Control>}c{/Control}e')
  expect(door.calls).not.toContain('remove_entries')
  expect(door.calls).not.toContain('copy')
  expect(screen.queryByRole('dialog')).toBeNull()
})
