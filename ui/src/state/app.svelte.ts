// The window as a whole: which screen it is at, which dialog is open, and the parts of its state.

import { createContext } from 'svelte'
import { t } from '../i18n/index.svelte'
import type { Door } from '../ipc/client'
import { toFault } from '../ipc/client'
import type { EntryName } from '../ipc/client'
import type { Fault, Key, StatusView } from '../ipc/types'
import { AskedRequests } from './asked.svelte'
import { Clipboard } from './clipboard.svelte'
import type { OpenDialog } from './dialogs'
import { legible } from './legible'
import { Notices } from './notice.svelte'
import { Preferences } from './preferences.svelte'
import { Syncing } from './syncing.svelte'
import { Vault } from './vault.svelte'

export type Stage = 'starting' | 'failed' | 'welcome' | 'unlock' | 'main'
export class App {
  readonly door: Door
  readonly clipboard: Clipboard
  readonly asked: AskedRequests
  readonly notices = new Notices()
  readonly preferences: Preferences
  readonly syncing: Syncing

  stage = $state<Stage>('starting')
  status = $state.raw<StatusView | null>(null)
  fault = $state.raw<Fault | null>(null)
  /** Replaced at each unlock, so that nothing of an earlier one remains. */
  vault = $state.raw<Vault>()
  /** The palette stands apart: it gives its actions to the screen below it. */
  dialog = $state.raw<OpenDialog | { is: 'palette' } | null>(null)
  /** Whether only quick access is shown. */
  quick = $state(false)

  #locks = 0
  /** Done, or failed: then the window looks as the system does. */
  #preferencesLoaded: Promise<void> = Promise.resolve()

  constructor(door: Door) {
    this.door = door
    this.asked = new AskedRequests(door)
    this.clipboard = new Clipboard(door)
    this.preferences = new Preferences(door)
    this.syncing = new Syncing(door, () => this.reload())
  }

  /** Asks how things stand and goes to the screen for it. Gives a function that ends listening. */
  start(): () => void {
    this.#preferencesLoaded = this.preferences.load().catch(() => {})
    void this.refresh()
    const ends = [
      this.door.on('locked', () => this.#locked()),
      // Elsewhere, or here: then it is loaded twice, which nobody sees.
      this.door.on('changed', () => void this.reload()),
      this.door.on('asked', () => void this.asked.look()),
      // Its answer says who.
      this.door.on('unheard', () => void this.notices.attempt(() => this.door.ask('list_asked', {}))),
      this.door.on('not_locked', () => this.notices.say({ text: t('lock.failed') })),
      this.door.on('quick', () => (this.quick = true)),
    ]
    return () => ends.forEach((end) => end())
  }

  async refresh() {
    try {
      ;[this.status] = await Promise.all([this.door.ask('status', {}), this.#preferencesLoaded])
      if (!this.status.exists) this.stage = 'welcome'
      else if (this.status.locked) this.#locked()
      else await this.#opened()
    } catch (error) {
      this.fault = toFault(error)
      this.stage = 'failed'
    }
  }

  async unlock(key: Key) {
    const { warnings } = await this.door.ask('unlock', { key, full_check: true })
    await this.refresh()
    if (warnings.length > 0) this.notices.say({ text: warnings.join(' ') })
  }

  async lock() {
    // First what is seen, then what may take its time. Nothing can be typed meanwhile: the page begins
    // anew when it is done.
    this.#locked()
    this.stage = 'starting'
    try {
      await this.door.ask('lock', {})
      await this.refresh()
    } catch (error) {
      await this.refresh()
      this.notices.fail(error)
    }
  }

  /** Leaves quick access: the program puts the window back. */
  async leaveQuick() {
    this.quick = false
    await this.notices.attempt(() => this.door.ask('leave_quick', {}))
  }

  /** Loads the lists again after a change. */
  async reload() {
    await this.vault?.load()
  }

  async remove(entry: EntryName) {
    await this.door.ask('remove_entries', { bundle: entry.bundle, names: [entry.name], dry_run: false })
    await this.reload()
    this.notices.say({ text: t('entry.removed', { name: legible(entry.name) }), undo: () => this.#putBack(entry) })
  }

  /** Hides a bundle, or brings it back. */
  async archive(bundle: string, undo = false) {
    await this.door.ask('archive_bundle', { name: bundle, undo, dry_run: false })
    const { place, listing } = this.vault ?? {}
    await this.reload()
    if (undo) {
      this.vault?.open({ bundle })
      return
    }
    const shown =
      (place?.is === 'bundle' && place.name === bundle) || (listing && 'bundle' in listing && listing.bundle === bundle)
    if (shown) this.vault?.open({ smart: 'all' })
    this.notices.say({ text: t('bundle.archived', { bundle: legible(bundle) }), undo: () => this.archive(bundle, true) })
  }

  /** Restores the newest version that holds something. */
  async #putBack(entry: EntryName) {
    const { versions } = await this.door.ask('history', { entry: { named: entry } })
    const newest = versions.findLast((version) => !version.removal && !version.quarantined && !version.locked)
    if (newest) await this.door.ask('restore_entry', { entry: { named: entry }, version: newest.number, dry_run: false })
    await this.reload()
    const back = this.vault?.entry(entry)
    if (back) this.vault?.reveal(back)
  }

  async #opened() {
    const turn = this.#locks
    const vault = new Vault(this.door)
    await vault.load()
    // Locked while it loaded: what came is not shown.
    if (turn !== this.#locks) return
    this.vault = vault
    this.fault = null
    this.stage = 'main'
    void this.asked.look()
  }

  #locked() {
    this.#locks += 1
    this.stage = 'unlock'
    this.dialog = null
    this.vault = undefined
    this.asked.forget()
    this.notices.dismissAll()
    this.clipboard.stop()
    this.syncing.forget()
    if (this.status) this.status = { ...this.status, locked: true, open: null }
  }
}

export const [useApp, provideApp] = createContext<App>()
