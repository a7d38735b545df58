// When nobody looks at the window any more: it lost the focus, or is covered or put away.

import { on } from 'svelte/events'

/** Calls back each time; gives a function that ends it. */
export function onLeaving(callback: () => void): () => void {
  const ends = [on(window, 'blur', callback), on(document, 'visibilitychange', () => document.hidden && callback())]
  return () => ends.forEach((end) => end())
}
