// What the open vault shows: bundles, entries without values, which list, what is selected.
// It holds no secret, and a new one is made at each unlock.

import type { Door, EntryName } from '../ipc/client'
import type { BundleView } from '../ipc/types'
import { now } from './clock.svelte'
import { isDue } from './due'
import { joined, type Listed, prepare, search } from './search'
import { Teams } from './teams.svelte'

export type SmartList = 'all' | 'recent' | 'due' | 'conflicts'
export type Listing = { smart: SmartList } | { bundle: string }

/** What the window shows beside the lists. */
export type Place =
  | { is: 'entries' }
  | { is: 'bundle'; name: string; as?: 'table' | 'text' }
  | { is: 'matrix'; project: string }
  | { is: 'team'; tab?: TeamTab }
  | { is: 'settings'; tab?: SettingsTab }
  | { is: 'exposed' | 'sync' | 'audit' | 'generator' }

export type SettingsTab = 'window' | 'lock' | 'passphrase' | 'backups' | 'health'
export type TeamTab = 'members' | 'requests' | 'devices' | 'services' | 'quarantine' | 'rules'

/** At narrow widths only one pane is seen. */
export type Pane = 'bundles' | 'list' | 'detail'

const RECENT = 100

export class Vault {
  bundles = $state.raw<readonly BundleView[]>([])
  /** Lists are replaced, never changed: at 100,000 entries a proxy for each would be felt. */
  entries = $state.raw<readonly Listed[]>([])
  loaded = $state(false)
  readonly teams: Teams
  place = $state.raw<Place>({ is: 'entries' })
  listing = $state.raw<Listing>({ smart: 'all' })
  query = $state('')
  selectedId = $state<string | null>(null)
  pane = $state<Pane>('list')

  readonly #door: Door
  readonly #byId = $derived(new Map(this.entries.map((entry) => [entry.id, entry])))

  readonly #byName = $derived(new Map(this.entries.map((entry) => [`${entry.bundle}\n${entry.name}`, entry])))

  readonly due = $derived.by(() => {
    const present = now()
    return this.entries.filter((entry) => isDue(entry, present))
  })
  readonly conflicts = $derived(this.entries.filter((entry) => entry.conflict))
  readonly inListing = $derived(this.#listed(this.listing))
  readonly visible = $derived(search(this.inListing, this.query))
  readonly selectedIndex = $derived(this.visible.findIndex((entry) => entry.id === this.selectedId))
  readonly selected = $derived(this.#byId.get(this.selectedId ?? '') ?? null)
  /** Where something new goes: the bundle whose page or list is shown, the selected entry's, or the first that can be written. */
  readonly targetBundle = $derived.by(() => {
    if (this.place.is === 'bundle') return this.place.name
    if ('bundle' in this.listing) return this.listing.bundle
    return this.selected?.bundle ?? this.writable[0]?.name ?? null
  })
  readonly writable = $derived(this.bundles.filter((bundle) => bundle.shared && !bundle.archived))

  constructor(door: Door) {
    this.#door = door
    this.teams = new Teams(door)
  }

  async load() {
    const [bundles, entries] = await Promise.all([
      this.#door.ask('list_bundles', { archived: false }),
      this.#door.ask('list_entries', {}),
    ])
    this.bundles = bundles
    const listed = prepare(entries)
    joined(listed)
    this.entries = listed
    this.loaded = true
    if (this.selected === null) this.selectedId = null
    // What teams wait for is looked up behind the lists.
    void this.teams.load()
  }

  /** Of two that bear one name, as two members may write at once, the last. */
  entry({ bundle, name }: EntryName): Listed | undefined {
    return this.#byName.get(`${bundle}\n${name}`)
  }

  /** Shows something else than entries. */
  go(place: Place) {
    this.place = place
    this.pane = 'list'
  }

  open(listing: Listing) {
    this.place = { is: 'entries' }
    this.listing = listing
    this.query = ''
    this.selectedId = null
    this.pane = 'list'
  }

  select(id: string) {
    this.selectedId = id
  }

  /** Shows an entry wherever it is listed. */
  reveal({ id, bundle }: { id: string; bundle: string }) {
    this.place = { is: 'entries' }
    if (this.visible.every((entry) => entry.id !== id)) this.open({ bundle })
    this.selectedId = id
    this.pane = 'detail'
  }

  /** Selects the first hit, so that its value can be copied without leaving the search. */
  search(query: string) {
    this.query = query
    if (query !== '') this.selectedId = this.visible[0]?.id ?? null
  }

  /** Searches the entries of all lists. */
  find(query: string): readonly Listed[] {
    return search(this.entries, query)
  }

  /** Moves the selection, and stays within the list. */
  move(by: number) {
    const from = this.selectedIndex < 0 ? (by > 0 ? -1 : this.visible.length) : this.selectedIndex
    const to = Math.min(Math.max(from + by, 0), this.visible.length - 1)
    this.selectedId = this.visible[to]?.id ?? null
  }

  #listed(listing: Listing): readonly Listed[] {
    if ('bundle' in listing) return this.entries.filter((entry) => entry.bundle === listing.bundle)
    switch (listing.smart) {
      case 'all':
        return this.entries
      case 'recent':
        return [...this.entries].sort((a, b) => b.updated - a.updated).slice(0, RECENT)
      case 'due':
        return this.due
      case 'conflicts':
        return this.conflicts
    }
  }
}
