// The search over entries. What can be prepared is prepared when they are loaded, so that a
// keystroke among 100,000 entries costs a few milliseconds.

import type { EntryView } from '../ipc/types'

/** An entry, with the text that is searched. */
export interface Listed extends EntryView {
  readonly searched: string
}

/** Entries in the order of their names, then bundles. */
export function prepare(entries: readonly EntryView[]): Listed[] {
  const listed = entries.map((entry) => ({ ...entry, searched: searchedText(entry) }))
  return listed.sort((a, b) => compare(a.name, b.name) || compare(a.bundle, b.bundle))
}

/** Stands between two entries' texts, and in none: no word of a query crosses it. */
const BETWEEN = '\0'

/**
 * What a list is searched by. Its texts are joined into one: the engine scans that several times faster
 * than 100,000 strings that lie all over the memory.
 */
interface Joined {
  text: string
  /** Where in the text each entry begins, and after the last one its end. */
  starts: Uint32Array
  /** What was found for the last few queries: who takes a letter back finds it again. */
  found: Map<string, readonly Listed[]>
}

/** So many queries' hits are kept of each list. */
const KEPT = 12

/** Joined once for each list, and gone with it. */
const JOINED = new WeakMap<readonly Listed[], Joined>()

/** Entries of a list that hold every word of the query. */
export function search(list: readonly Listed[], query: string): readonly Listed[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return list
  const { found } = joined(list)
  const hits = found.get(query) ?? searchAnew(list, words, found.get(query.slice(0, -1)))
  found.delete(query)
  found.set(query, hits)
  const [oldest] = found.keys()
  if (found.size > KEPT && oldest !== undefined) found.delete(oldest)
  return hits
}

/** Among the hits of a letter less, where they are few: another letter finds no more. */
function searchAnew(list: readonly Listed[], words: string[], before: readonly Listed[] | undefined): readonly Listed[] {
  if (before && before.length < list.length / 10) {
    return before.filter(({ searched }) => words.every((word) => searched.includes(word)))
  }
  const held = new Uint8Array(list.length)
  for (const [earlier, word] of words.entries()) mark(joined(list), word, held, earlier)
  return list.filter((_, index) => held[index] === words.length)
}

/** Joins a list ahead of its first search. */
export function joined(list: readonly Listed[]): Joined {
  const known = JOINED.get(list)
  if (known) return known
  const starts = new Uint32Array(list.length + 1)
  let start = 0
  for (const [index, entry] of list.entries()) {
    starts[index] = start
    start += entry.searched.length + BETWEEN.length
  }
  starts[list.length] = start
  const made = { text: list.map((entry) => entry.searched).join(BETWEEN), starts, found: new Map() }
  JOINED.set(list, made)
  return made
}

/** Counts a word for each entry that holds it and the `before` words ahead of it. */
function mark({ text, starts }: Joined, word: string, held: Uint8Array, before: number) {
  let entry = 0
  let at = text.indexOf(word)
  while (at >= 0) {
    while ((starts[entry + 1] ?? Infinity) <= at) entry += 1
    if (held[entry] === before) held[entry] = before + 1
    at = text.indexOf(word, starts[entry + 1])
  }
}

/** The best few for a palette: names that begin with the query come first. */
export function best(entries: readonly Listed[], query: string, limit: number): Listed[] {
  const start = query.trim().toLowerCase()
  const first: Listed[] = []
  const then: Listed[] = []
  for (const entry of entries) {
    if (first.length === limit) break
    if (entry.searched.startsWith(start)) first.push(entry)
    else if (then.length < limit) then.push(entry)
  }
  return [...first, ...then].slice(0, limit)
}

function searchedText({ name, bundle, kind, tags }: EntryView): string {
  return [name, bundle, kind, ...tags].join('\n').toLowerCase()
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
