// One clock for all that is shown of the time: what reads it is drawn anew each minute.

import { createSubscriber } from 'svelte/reactivity'

const MINUTE = 60_000

const subscribe = createSubscriber((update) => {
  const ticking = setInterval(update, MINUTE)
  return () => clearInterval(ticking)
})

/** Unix seconds. */
export function now(): number {
  subscribe()
  return Date.now() / 1000
}
