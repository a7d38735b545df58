// Points in time and numbers, as the chosen language writes them.

import { languageTag } from './index.svelte'

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** Day and time, from Unix seconds. */
export function dateTime(seconds: number): string {
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000)
}

/** How far from now, in the largest unit that fits: `3 days ago`, `in 2 hours`. */
export function fromNow(seconds: number, now = Date.now() / 1000): string {
  const distance = seconds - now
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: 'auto' })
  const step = STEPS.find(([, length]) => Math.abs(distance) >= length)
  return step ? format.format(Math.trunc(distance / step[1]), step[0]) : format.format(0, 'second')
}

/** For the `datetime` of a `<time>`. */
export function machineTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

export function inNumbers(value: number): string {
  return new Intl.NumberFormat(languageTag()).format(value)
}
