// A door in memory, for component tests and for looking at the screens. It keeps no secrets well.

import type { Answer, Ask, Command, Door, Happening } from '../client'
import type { Code, Fault } from '../types'
import { answersAboutBundles } from './bundles'
import { answersAboutEntries } from './entries'
import { answersAboutLife } from './life'
import { answersAboutSettings } from './settings'
import { answersAboutSync } from './sync'
import { answersAboutTeam } from './team'
import { type FakeOptions, makeWorld, type World } from './world'

export { FAKE_PASSPHRASE } from './life'
export type { FakeOptions } from './world'

/** How the fake answers: a function a command, in a file a subject. */
export type Answers = { [C in Command]?: (ask: Ask<C>) => Answer<C> | Promise<Answer<C>> }

/** What is answered though the vault is locked. */
const WHILE_LOCKED: Command[] = [
  'status',
  'draft_words',
  'create_vault',
  'unlock',
  'lock',
  'clear_clipboard',
  'use_recovery',
  'recover_team',
  'restore_backup',
  'settings',
  'save_settings',
  'open_other',
  'choose_path',
]

export class FakeDoor implements Door {
  /** Commands asked so far, in order. */
  readonly calls: Command[] = []
  /** Fails the next question of a command, for tests. */
  readonly failures = new Map<Command, Fault>()
  readonly world: World
  /** Tests put their own answers in place. */
  readonly answers: Answers

  readonly #callbacks = new Set<{ happening: Happening; callback: () => void }>()

  constructor(options: FakeOptions = {}) {
    this.world = makeWorld(options)
    this.answers = {
      ...answersAboutLife(this.world),
      ...answersAboutEntries(this.world),
      ...answersAboutBundles(this.world),
      ...answersAboutTeam(this.world),
      ...answersAboutSync(this.world),
      ...answersAboutSettings(this.world),
    }
  }

  async ask<C extends Command>(command: C, ask: Ask<C>): Promise<Answer<C>> {
    this.calls.push(command)
    const failure = this.failures.get(command)
    if (failure) {
      this.failures.delete(command)
      throw failure
    }
    if (this.world.locked && !WHILE_LOCKED.includes(command)) throw fault('locked', 'The vault is locked.', null, 'Unlock it.')
    const answer = this.answers[command]
    if (!answer) throw fault('unexpected', `The fake does not answer ${command}.`, null, null)
    // As what crosses the border does: a copy.
    return structuredClone(await answer(ask))
  }

  on(happening: Happening, callback: () => void) {
    const one = { happening, callback }
    this.#callbacks.add(one)
    return () => void this.#callbacks.delete(one)
  }

  /** Lets something happen. */
  happens(happening: Happening) {
    for (const one of this.#callbacks) if (one.happening === happening) one.callback()
  }

  /** Locks as if a terminal had done it. */
  lockElsewhere() {
    this.world.locked = true
    this.happens('locked')
  }
}

export function fault(code: Code, message: string, subject: string | null, next: string | null): Fault {
  return { code, message, subject, next }
}
