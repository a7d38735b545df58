// What is said when something fails: by the window, in its language, with a step that can be taken here.

import { screen, within } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import type { Code, Fault } from '../ipc/types'
import { setLanguage } from '../i18n/index.svelte'
import { openMain, openPage, select } from './window'

const options = { bundles: [sampleBundle('api/dev')], entries: [sampleEntry('api/dev', 'ALPHA')] }

const faultOf = (code: Code, next: string | null = null): Fault => ({
  code,
  message: 'What the program says.',
  subject: 'api/dev',
  next,
})

async function fail(fault: Fault) {
  const opened = await openMain(options)
  opened.door.failures.set('remove_entries', fault)
  await opened.user.keyboard('j{Delete}')
  return { ...opened, alert: await screen.findByRole('alert') }
}

test('a fault is said in the language of the window, before what the program says', async () => {
  setLanguage('de')
  const { alert } = await fail(faultOf('conflict', 'Choose another name.'))
  const lines = [...alert.querySelectorAll('p')]
  const english = lines.filter((line) => line.lang === 'en')
  expect(english.map((line) => line.textContent)).toEqual(['What the program says.', 'Choose another name.'])
  expect(lines[0]?.textContent).toContain('Etwas anderes ist schon da')
  expect(lines[1]?.textContent).toContain('Wähle dann einen anderen Namen')
})

test('a step that has to be typed into a terminal is folded away', async () => {
  const { alert } = await fail(faultOf('integrity', 'Run `sealfold doctor`.'))
  const advice = within(alert).getByText('Run `sealfold doctor`.').closest('details')
  expect(advice?.open).toBe(false)
})

test('what a check finds wrong leads to the health check', async () => {
  const { user, alert } = await fail(faultOf('integrity'))
  await user.click(within(alert).getByRole('button', { name: 'Go to the health check' }))
  await screen.findByRole('region', { name: 'Health check' })
  expect(screen.queryByRole('alert')).toBeNull()
})

test('a fault of a remote leads to the page Sync, but not from there', async () => {
  const { user, alert } = await fail(faultOf('remote'))
  await user.click(within(alert).getByRole('button', { name: 'Go to Sync' }))
  await screen.findByRole('heading', { name: 'Sync', level: 1 })
})

test('on the page Sync nothing leads there', async () => {
  const { user, door } = await openPage('sync', options)
  door.failures.set('sync', faultOf('remote'))
  await user.click(await screen.findByRole('button', { name: 'Sync now' }))
  await screen.findByText('What the program says.')
  expect(screen.queryByRole('button', { name: 'Go to Sync' })).toBeNull()
})

test('a vault that turns out to be locked leads to its unlock', async () => {
  const { user, door, alert } = await fail(faultOf('locked'))
  door.world.locked = true
  await user.click(within(alert).getByRole('button', { name: 'Go to the unlock screen' }))
  await screen.findByText('Sealfold is locked')
})

test('an entry that does not open leads to the health check', async () => {
  const { user } = await openMain({ ...options, entries: [sampleEntry('api/dev', 'ALPHA', { unreadable: 'laptop' })] })
  const detail = await select(user, 'ALPHA')
  await user.click(within(detail).getByRole('button', { name: 'Go to the health check' }))
  await screen.findByRole('region', { name: 'Health check' })
})
