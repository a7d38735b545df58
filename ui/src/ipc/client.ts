// The door: the closed list of what the window may ask, and the only way to the vault.

import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import type { Commands, Fault } from './types'

export type Command = keyof Commands
export type Ask<C extends Command> = Commands[C]['ask']
export type Answer<C extends Command> = Commands[C]['answer']

/** What the program says unasked: the vault was locked, what it holds has changed, quick
 * access was asked for, a terminal waits to be allowed, or another program answers in this window's place. */
export type Happening = 'locked' | 'changed' | 'quick' | 'asked' | 'unheard' | 'not_locked'

export interface Door {
  /** Asks one thing. Rejects with a `Fault`. */
  ask<C extends Command>(command: C, ask: Ask<C>): Promise<Answer<C>>
  /** Calls back whenever it happens; gives a function that ends it. */
  on(happening: Happening, callback: () => void): () => void
}

export const tauriDoor: Door = {
  async ask<C extends Command>(command: C, ask: Ask<C>) {
    try {
      return await invoke<Answer<C>>(command, { ask })
    } catch (error) {
      throw toFault(error)
    }
  },
  on(happening, callback) {
    const listening = listen(happening, callback)
    return () => void listening.then((end) => end())
  },
}

/** What was thrown, as a fault. Anything else than a fault is a defect, and is not shown in full. */
export function toFault(error: unknown): Fault {
  if (isFault(error)) return error
  return {
    code: 'unexpected',
    message: 'The window got an answer that it does not understand.',
    subject: null,
    next: 'Lock and unlock the vault; if it happens again, please report it.',
  }
}

function isFault(error: unknown): error is Fault {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error
}

/** An entry, as commands name it. */
export interface EntryName {
  bundle: string
  name: string
}

export interface FieldName extends EntryName {
  field: string
}
