// The door: every command that the window may give, and the only way to the vault.

import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import type {
  Bundle,
  Entry,
  EntryName,
  Fault,
  FieldName,
  Kind,
  NewValue,
  Preview,
  Revealed,
  Status,
  Version,
} from './types'

/** Each method rejects with a `Fault`. */
export interface Door {
  status(): Promise<Status>
  /** Makes the vault and opens it. The words are given this once. */
  createVault(args: { member: string; passphrase: string }): Promise<{ words: string[] }>
  unlock(args: { passphrase: string }): Promise<{ warnings: string[] }>
  lock(): Promise<void>

  bundles(): Promise<Bundle[]>
  newBundle(args: { name: string }): Promise<void>

  /** Of all bundles, when `bundle` is null. */
  entries(args: { bundle: string | null }): Promise<Entry[]>
  /** The one way for plaintext into the web view. */
  reveal(args: FieldName): Promise<Revealed>
  /** Copies outside the web view, and says after how many seconds the clipboard is cleared. */
  copy(args: FieldName): Promise<{ seconds: number }>
  clearClipboard(): Promise<void>
  setEntry(args: FieldName & { kind: Kind; value: NewValue }): Promise<void>
  removeEntry(args: EntryName): Promise<void>
  restoreEntry(args: EntryName & { version: number }): Promise<void>
  history(args: EntryName): Promise<{ versions: Version[] }>

  previewEnv(args: { bundle: string; text: string }): Promise<Preview>
  importEnv(args: { bundle: string; text: string }): Promise<void>

  /** Calls back when the vault was locked elsewhere; gives a function that ends it. */
  onLocked(callback: () => void): () => void
}

export const tauriDoor: Door = {
  status: () => call('status'),
  createVault: (args) => call('create_vault', args),
  unlock: (args) => call('unlock', args),
  lock: () => call('lock'),
  bundles: () => call('bundles'),
  newBundle: (args) => call('new_bundle', args),
  entries: (args) => call('entries', args),
  reveal: (args) => call('reveal', { ...args }),
  copy: (args) => call('copy', { ...args }),
  clearClipboard: () => call('clear_clipboard'),
  setEntry: (args) => call('set_entry', { ...args }),
  removeEntry: (args) => call('remove_entry', { ...args }),
  restoreEntry: (args) => call('restore_entry', { ...args }),
  history: (args) => call('history', { ...args }),
  previewEnv: (args) => call('preview_env', args),
  importEnv: (args) => call('import_env', args),
  onLocked(callback) {
    const listening = listen('locked', callback)
    return () => void listening.then((end) => end())
  },
}

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args)
  } catch (error) {
    throw toFault(error)
  }
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
