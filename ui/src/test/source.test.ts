// What the content policy would block, or what would let markup in, is not in the source.
// threats 68, 70

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const files = ['index.html', ...readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name))]
const sources = files
  .filter((name) => /\.(svelte|ts|css|html)$/.test(name) && !name.startsWith(join('src', 'test')))
  .map((name) => ({ name, text: readFileSync(name, 'utf8') }))

const FORBIDDEN: [string, RegExp][] = [
  ['markup from a string', /\{@html|innerHTML|insertAdjacentHTML|DOMParser/],
  ['an inline style', /\sstyle="/],
  ['an inline script or handler', /\son\w+="|javascript:/],
  ['code from a string', /\beval\(|new Function\(/],
  ['remote content', /(src|href)=["'{`]*https?:|url\(["']?https?:|@import\s+url|\bfetch\(|XMLHttpRequest|WebSocket/],
]

test.each(FORBIDDEN)('no %s', (_, pattern) => {
  expect(sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name)).toEqual([])
})

test('the clipboard is written outside of the web view', () => {
  expect(sources.filter(({ text }) => /navigator\.clipboard|execCommand/.test(text)).map(({ name }) => name)).toEqual([])
})

test('only parts that hold plaintext briefly ask for it', () => {
  const asking = sources.filter(({ text }) => /door\.ask\('(reveal|code|generate|raw_env)'/.test(text)).map(({ name }) => name)
  const parts = ['pages/Generator', 'pages/bundle/RawEnv', 'panes/Field', 'panes/OneTimeCode']
  expect(asking.sort()).toEqual(parts.map((part) => join('src', `${part}.svelte`)))
})

// threat 55
test('a secret that has a copy button is not marked, and so is in no selection that other programs read', () => {
  const parts = ['pages/Generator', 'panes/Field', 'panes/OneTimeCode', 'parts/CarriedText'].map((part) =>
    join('src', `${part}.svelte`),
  )
  const unmarked = sources
    .filter(({ text }) => text.includes('data-secret') && /[^-]user-select: none/.test(text))
    .map(({ name }) => name)
  expect(unmarked.sort()).toEqual(parts)
})

test('only a side of a conflict asks for the plaintext of one', () => {
  const asking = sources.filter(({ text }) => /door\.ask\('reveal_conflict'/.test(text)).map(({ name }) => name)
  expect(asking).toEqual([join('src', 'panes', 'Side.svelte')])
})

test('the program answers nothing that the window does not ask', () => {
  const types = readFileSync(join('src', 'ipc', 'types.ts'), 'utf8')
  const table = types.slice(types.indexOf('export interface Commands'))
  const commands = [...table.matchAll(/^ {2}(\w+): \{ ask/gm)].map(([, name]) => name)
  expect(commands.length).toBeGreaterThan(50)
  const asking = sources.filter(({ name }) => !name.startsWith(join('src', 'ipc'))).map(({ text }) => text)
  expect(commands.filter((name) => !asking.some((text) => text.includes(`'${name}'`)))).toEqual([])
})

test('a file has one job: over 400 lines it has more, but for what is generated', () => {
  const long = sources.filter(({ name, text }) => text.split('\n').length > 400 && !name.endsWith(join('ipc', 'types.ts')))
  expect(long.map(({ name }) => name)).toEqual([])
})
