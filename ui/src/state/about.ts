// What is known about a secret beside its value, as a form has it and as it is saved: what was not
// touched stays as it is, and what was emptied is cleared.

import type { EntryView, Metadata } from '../ipc/types'

export interface About {
  purpose: string
  owner: string
  /** `YYYY-MM-DD`: the last day on which it may be used. */
  expires: string
  /** Days; empty for never. */
  rotate: string
  /** Between commas. */
  tags: string
  /** Never filled in: it is as secret as a value. */
  note: string
}

export function aboutOf(entry: EntryView | undefined): About {
  const { purpose, owner, expires, rotate_every_days: days } = entry?.metadata ?? {}
  return {
    purpose: purpose ?? '',
    owner: owner ?? '',
    expires: expires == null ? '' : dayOf(expires),
    rotate: days == null ? '' : String(days),
    tags: (entry?.tags ?? []).join(', '),
    note: '',
  }
}

/** What differs, as `set_entry` wants it. */
export function changedMetadata(before: About, after: About): Metadata {
  const text = (key: 'purpose' | 'owner') => (after[key].trim() === before[key] ? null : after[key].trim())
  return {
    purpose: text('purpose'),
    owner: text('owner'),
    expires: after.expires === before.expires ? null : after.expires === '' ? 0 : endOf(after.expires),
    rotate_every_days: String(after.rotate) === before.rotate ? null : Number(after.rotate),
    lineage: null,
    note: after.note === '' ? null : after.note,
  }
}

/** The tags in place of the present ones, if they differ. */
export function changedTags(before: About, after: About): string[] | null {
  return after.tags.trim() === before.tags ? null : tagsIn(after.tags)
}

export function tagsIn(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean),
    ),
  ]
}

function dayOf(seconds: number): string {
  const day = new Date(seconds * 1000)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** The last second of a day, by this computer's clock. */
function endOf(day: string): number {
  return Math.floor(new Date(`${day}T23:59:59`).getTime() / 1000)
}
