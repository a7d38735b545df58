// When a secret wants attention: it expires, or it should be rotated.

import type { EntryView } from '../ipc/types'

const DAY = 86_400
/** So many seconds ahead an entry counts as due. */
const AHEAD = 14 * DAY

export interface Due {
  reason: 'expires' | 'rotate'
  /** Unix seconds. */
  at: number
}

/** What comes first of an entry's expiry and rotation, whether near or far. */
export function nextDue(entry: EntryView): Due | null {
  const { expires, rotate_every_days: days } = entry.metadata
  const rotate = days === null ? null : entry.updated + days * DAY
  if (expires !== null && (rotate === null || expires <= rotate)) return { reason: 'expires', at: expires }
  return rotate === null ? null : { reason: 'rotate', at: rotate }
}

export function isDue(entry: EntryView, now: number): boolean {
  const due = nextDue(entry)
  return due !== null && due.at <= now + AHEAD
}
