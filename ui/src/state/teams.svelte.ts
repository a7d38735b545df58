// The teams of the open vault, and what waits in them: who asks to join, what was exposed.
// No secret is held here.

import type { Door } from '../ipc/client'
import { toFault } from '../ipc/client'
import type { ExposedView, Fault, RequestView, TeamView } from '../ipc/types'

export class Teams {
  all = $state.raw<readonly TeamView[]>([])
  requests = $state.raw<readonly RequestView[]>([])
  /** What has to be changed because somebody could read it who may not any more. */
  exposed = $state.raw<readonly ExposedView[]>([])
  loaded = $state(false)
  fault = $state.raw<Fault | null>(null)
  /** Counts loads, so that parts with lists of their own ask again. */
  turn = $state(0)

  readonly #door: Door
  #chosen = $state<string | null>(null)

  /** The entries of it: several versions of one are one thing to change. */
  readonly exposedEntries = $derived(entriesOf(this.exposed))
  readonly shared = $derived(this.all.filter((team) => !isPersonal(team)))
  /** The team that pages are about: the one chosen, else the first that is shared. */
  readonly current = $derived(this.all.find((team) => team.id === this.#chosen) ?? this.shared[0] ?? this.all[0] ?? null)

  constructor(door: Door) {
    this.#door = door
  }

  async load() {
    try {
      const [all, requests, exposed] = await Promise.all([
        this.#door.ask('list_teams', {}),
        this.#door.ask('list_requests', {}),
        this.#door.ask('list_exposed', { all: false }),
      ])
      this.all = all
      this.requests = requests
      this.exposed = exposed
      this.fault = null
    } catch (error) {
      this.fault = toFault(error)
    }
    this.loaded = true
    this.turn += 1
  }

  choose(id: string) {
    this.#chosen = id
  }

  requestsOf(team: TeamView): readonly RequestView[] {
    return this.requests.filter((request) => this.isOf(team, request.team))
  }

  /** Whether answers mean this team: they write its name, or as much of its id as tells it apart. */
  isOf(team: TeamView, written: string): boolean {
    const named = this.all.filter((one) => one.name === written)
    return named.length === 1 ? named[0]?.id === team.id : team.id.startsWith(written)
  }
}

/** The entries that versions belong to, each once, as bundle and name with a line's end between. */
export function entriesOf(versions: readonly { bundle: string; name: string }[]): ReadonlySet<string> {
  return new Set(versions.map((one) => `${one.bundle}\n${one.name}`))
}

/** A vault of one person is a team that nobody named. */
export function isPersonal(team: TeamView): boolean {
  return team.name === 'personal' && team.members <= 1 && team.asked === null
}

export type Role = 'reader' | 'writer' | 'admin' | 'owner'
export const ROLES: readonly Role[] = ['reader', 'writer', 'admin', 'owner']

/** Whether who has this role lets people in and out. */
export function manages(role: string): boolean {
  return role === 'admin' || role === 'owner'
}

/** A member, device or service as commands name it: by its whole id, which nobody else can bear. */
export function byId({ id }: { id: string }): string {
  return `id:${id}`
}
