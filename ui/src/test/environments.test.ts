// Environments side by side, promotion, the generator.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { isProduction } from '../state/environments'
import { behind, standOf } from '../state/matrix'
import { openMain, openPage } from './window'

const cell = (group: number) => ({ group, kind: 'variable' as const, updated: 0, conflict: false })

async function openMatrix() {
  const opened = await openMain()
  await opened.user.click(screen.getByRole('button', { name: 'Environments of api' }))
  await screen.findByRole('columnheader', { name: /prod/ })
  return opened
}

async function chooseWay(user: Awaited<ReturnType<typeof openMatrix>>['user'], from: string, to: string) {
  await user.selectOptions(screen.getByLabelText('From'), from)
  await user.selectOptions(screen.getByLabelText('Into'), to)
}

test('a row is missing somewhere, different, or the same', () => {
  expect(standOf({ name: 'A', cells: [cell(1), null, cell(2)] })).toBe('missing')
  expect(standOf({ name: 'A', cells: [cell(1), cell(2)] })).toBe('different')
  expect(standOf({ name: 'A', cells: [cell(1), cell(1)] })).toBe('same')
})

test('what can be promoted is there, and missing or different in the other', () => {
  const environments = ['api/dev', 'api/prod'].map((bundle) => ({ bundle, environment: bundle }))
  const rows = [
    { name: 'SAME', cells: [cell(1), cell(1)] },
    { name: 'OTHER', cells: [cell(1), cell(2)] },
    { name: 'ABSENT', cells: [cell(1), null] },
    { name: 'ONLY_THERE', cells: [null, cell(1)] },
  ]
  const view = { team: 'acme', project: 'api', environments, not_shared: [], rows, warnings: [] }
  expect(behind(view, 'api/dev', 'api/prod')).toEqual(['OTHER', 'ABSENT'])
  expect(behind(view, 'api/prod', 'api/dev')).toEqual(['OTHER', 'ONLY_THERE'])
})

test('production is known by the name of the environment', () => {
  expect(['api/prod', 'api/production', 'api/Live-eu', 'team/api/prod2'].every(isProduction)).toBe(true)
  expect(['api/dev', 'prod/dev', 'api/preprod', 'api/products'].some(isProduction)).toBe(false)
})

test('the matrix says what is missing and what differs, and no value is asked for', async () => {
  const { user, door } = await openMatrix()
  expect(screen.getByRole('columnheader', { name: /prod production/ })).toBeTruthy()
  const row = screen.getByRole('row', { name: /LOG_LEVEL/ })
  expect(within(row).getByText('missing')).toBeTruthy()
  expect(within(row).getByRole('button', { name: 'LOG_LEVEL in staging: value B' })).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /^Same everywhere/ }))
  expect(screen.queryByRole('row', { name: /LOG_LEVEL/ })).toBeNull()
  expect(door.calls).not.toContain('reveal')
})

test('what is promoted is previewed first, and goes into production only when its name is typed', async () => {
  const { user, door } = await openMatrix()
  await chooseWay(user, 'api/staging', 'api/prod')
  await user.click(screen.getByRole('checkbox', { name: 'SESSION_KEY' }))
  const asked: boolean[] = []
  const answer = door.answers.promote
  door.answers.promote = (ask) => {
    asked.push(ask.dry_run)
    expect([ask.from, ask.to, ask.names, ask.all]).toEqual(['api/staging', 'api/prod', ['SESSION_KEY'], false])
    return answer?.(ask) as never
  }
  await user.click(screen.getByRole('button', { name: 'Preview 1 value' }))
  const dialog = await screen.findByRole('dialog', { name: 'Promote values' })
  await within(dialog).findByText('SESSION_KEY')
  const write = within(dialog).getByRole('button', { name: 'Write 1 value into api/prod' }) as HTMLButtonElement
  expect([write.disabled, asked]).toEqual([true, [true]])
  await user.type(within(dialog).getByLabelText(/This is production/), 'api/staging{Enter}')
  expect(asked).toEqual([true])
  await user.clear(within(dialog).getByLabelText(/This is production/))
  await user.type(within(dialog).getByLabelText(/This is production/), 'api/prod{Enter}')
  await screen.findByText('1 value is written into api/prod.')
  expect(asked).toEqual([true, false])
  await waitFor(() => expect(screen.queryByRole('checkbox', { name: 'SESSION_KEY' })).toBeNull())
})

test('elsewhere no name is typed, and another way forgets what was chosen', async () => {
  const { user } = await openMatrix()
  await chooseWay(user, 'api/prod', 'api/dev')
  await user.click(screen.getByRole('button', { name: /^Choose all/ }))
  expect(screen.queryByRole('button', { name: 'Preview 0 values' })).toBeNull()
  await user.selectOptions(screen.getByLabelText('Into'), 'api/staging')
  await screen.findByRole('button', { name: 'Preview 0 values' })
  await user.click(screen.getByRole('button', { name: /^Choose all/ }))
  await user.click(screen.getByRole('button', { name: /^Preview/ }))
  const dialog = await screen.findByRole('dialog', { name: 'Promote values' })
  await within(dialog).findByRole('table')
  expect(within(dialog).queryByRole('textbox')).toBeNull()
})

// threat 51
test('a generated value is copied outside of the web view, used as an entry, and gone on blur', async () => {
  const { user, door } = await openPage('generator')
  door.answers.generate = () => ({ value: 'fresh-and-random', bits: 130 })
  await user.click(screen.getByRole('button', { name: 'Generate' }))
  await screen.findByText('fresh-and-random')
  expect(screen.getByText('Strong')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Copy' }))
  await screen.findByText(/Generated value is copied/)
  expect(door.calls).toContain('copy_text')
  await user.click(screen.getByRole('button', { name: 'Use as a new entry' }))
  const dialog = await screen.findByRole('dialog', { name: 'New entry' })
  await user.type(within(dialog).getByLabelText('Name'), 'MADE')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await waitFor(() =>
    expect([...door.world.values.entries()].some(([key, value]) => key.includes('MADE') && value === 'fresh-and-random')).toBe(
      true,
    ),
  )
  await fireEvent.blur(window)
  await waitFor(() => expect(document.documentElement.outerHTML).not.toContain('fresh-and-random'))
})

test('words are asked for as words', async () => {
  const { user, door } = await openPage('generator')
  await user.click(screen.getByRole('radio', { name: 'Words' }))
  const asked: unknown[] = []
  door.answers.generate = ({ recipe }) => {
    asked.push(recipe)
    return { value: 'amber-basin', bits: 66 }
  }
  await user.click(screen.getByRole('button', { name: 'Generate' }))
  await screen.findByText('amber-basin')
  expect(asked).toEqual([{ words: { count: 6 } }])
})
