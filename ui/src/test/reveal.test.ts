// Plaintext is in the web view only while it is seen. threat 51

import { fireEvent, screen, waitFor } from '@testing-library/svelte'
import { expect, test, vi } from 'vitest'
import { sampleBundle, sampleEntry } from '../ipc/fake/sample'
import { DOTS } from '../panes/Field.svelte'
import { openMain, select } from './window'

const PLAINTEXT = 'plaintext-of-ALPHA-value'
const options = {
  bundles: [sampleBundle('api/dev')],
  entries: [sampleEntry('api/dev', 'ALPHA'), sampleEntry('api/dev', 'BETA')],
}

async function revealed() {
  const opened = await openMain(options)
  await select(opened.user, 'ALPHA')
  expect(screen.getByText(DOTS)).toBeTruthy()
  await opened.user.click(screen.getByRole('button', { name: 'Reveal: Value' }))
  await screen.findByText(PLAINTEXT)
  return opened
}

async function gone() {
  await waitFor(() => expect(document.documentElement.outerHTML).not.toContain(PLAINTEXT))
}

test('what is revealed is hidden when the window loses the focus', async () => {
  await revealed()
  await fireEvent.blur(window)
  await gone()
})

test('what is revealed is hidden when another entry is selected', async () => {
  const { user } = await revealed()
  await select(user, 'BETA')
  await gone()
  await select(user, 'ALPHA')
  await gone()
})

test('what is revealed is gone when the vault is locked here', async () => {
  const { user, door } = await revealed()
  await user.keyboard('{Control>}l{/Control}')
  await screen.findByText('Sealfold is locked')
  await gone()
  expect(door.calls).toContain('lock')
})

test('what is revealed is gone when the vault is locked elsewhere', async () => {
  const { door } = await revealed()
  door.lockElsewhere()
  await screen.findByText('Sealfold is locked')
  await gone()
})

test('what is revealed is hidden again by its button', async () => {
  const { user } = await revealed()
  await user.click(screen.getByRole('button', { name: 'Reveal: Value' }))
  await gone()
})

test('what is revealed is hidden after half a minute', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout'] })
  try {
    await revealed()
    await vi.advanceTimersByTimeAsync(30_000)
    await gone()
  } finally {
    vi.useRealTimers()
  }
})

test('an answer that comes after the window lost the focus is not shown', async () => {
  const { user, door } = await openMain(options)
  await select(user, 'ALPHA')
  let answer = (_: { value: string; warnings: string[] }) => {}
  door.answers.reveal = () => new Promise((resolve) => (answer = resolve))
  await user.click(screen.getByRole('button', { name: 'Reveal: Value' }))
  await fireEvent.blur(window)
  answer({ value: PLAINTEXT, warnings: [] })
  await new Promise((resolve) => setTimeout(resolve))
  await gone()
  expect(screen.getByText(DOTS)).toBeTruthy()
})

test('copying never asks for the value', async () => {
  const { user, door } = await openMain(options)
  await select(user, 'ALPHA')
  await user.click(screen.getByRole('button', { name: 'Copy: Value' }))
  await screen.findByText('ALPHA is copied.', { exact: false })
  await user.keyboard('{Control>}c{/Control}')
  expect(door.calls.filter((call) => call === 'copy')).toHaveLength(2)
  expect(door.calls).not.toContain('reveal')
})
