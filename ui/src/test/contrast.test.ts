// What is written on what, in every theme: at least 4.5 to 1, as WCAG 2.2 counts it (1.4.3), and
// 3 to 1 for the edges of what can be operated (1.4.11).

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Colour = [lightness: number, chroma: number, hue: number]
type Tokens = Map<string, string>

const css = readFileSync('src/design/tokens.css', 'utf8')

const declared = (start: string): Tokens => {
  const block = css.slice(css.indexOf(start))
  const body = block.slice(block.indexOf('{') + 1, block.indexOf('}'))
  return new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name ?? '', value ?? '']))
}

const common = declared(':root {')
const contrast = new Map([...common, ...declared(":root[data-theme='contrast']")])

function colour(tokens: Tokens, name: string, dark: boolean): Colour {
  const value = tokens.get(name) ?? ''
  const other = /^var\(--([\w-]+)\)$/.exec(value)
  if (other?.[1]) return colour(tokens, other[1], dark)
  const found = [...value.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)][dark ? 1 : 0]
  if (!found) throw new Error(`--${name} is no colour: ${value}`)
  return [Number(found[1]), Number(found[2]), Number(found[3])]
}

/** Relative luminance, by way of linear sRGB (CSS Color 4, section 10). */
function luminance([lightness, chroma, hue]: Colour): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => Math.min(Math.max(part, 0), 1))
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0)
}

function ratio(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['paper', 'paper-sunk', 'paper-raised', 'hover', 'chosen']
const PAIRS: [string, string[]][] = [
  ['ink', [...GROUNDS, 'warn-paper', 'bad-paper']],
  ['ink-soft', GROUNDS],
  ['seal-ink', ['paper', 'paper-raised']],
  ['good', ['paper', 'paper-raised']],
  ['warn', ['paper', 'paper-raised', 'hover', 'chosen', 'warn-paper']],
  ['bad', ['paper', 'paper-raised', 'hover', 'chosen', 'bad-paper']],
  ['on-seal', ['seal']],
]
const EDGES: [string, string[]][] = [
  ['line-strong', ['paper', 'paper-sunk', 'paper-raised']],
  ['focus', GROUNDS],
  ['seal', ['paper', 'chosen']],
]

test('black on white is 21 to 1', () => {
  expect(ratio([0, 0, 0], [1, 0, 0])).toBeCloseTo(21, 1)
})

describe.each([
  ['light', common, false],
  ['dark', common, true],
  ['high contrast, light', contrast, false],
  ['high contrast, dark', contrast, true],
] as const)('%s', (_, tokens, dark) => {
  const tooWeak = (pairs: [string, string[]][], least: number) =>
    pairs.flatMap(([ink, grounds]) =>
      grounds
        .map((ground) => ({ pair: `${ink} on ${ground}`, ratio: ratio(colour(tokens, ink, dark), colour(tokens, ground, dark)) }))
        .filter((found) => found.ratio < least),
    )

  test('what is written can be read', () => expect(tooWeak(PAIRS, 4.5)).toEqual([]))
  test('edges and marks can be seen', () => expect(tooWeak(EDGES, 3)).toEqual([]))
})

test('high contrast is the same whether chosen or asked for by the system', () => {
  expect(declared(':root:not([data-theme])')).toEqual(declared(":root[data-theme='contrast']"))
})
