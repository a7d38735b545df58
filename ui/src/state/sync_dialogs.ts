// The dialogs about remotes and conflicts, and what each of them is about.

import type { EntryName } from '../ipc/client'
import type { RemoteView, TeamView } from '../ipc/types'

interface Of {
  add_remote: { team: TeamView | null }
  move_remote: { remote: RemoteView }
  remove_remote: { remote: RemoteView }
  resolve: { entry: EntryName }
  recover_team: object
}

export type SyncDialog = { [Is in keyof Of]: { is: Is } & Of[Is] }[keyof Of]

const ALL: Record<keyof Of, true> = {
  add_remote: true,
  move_remote: true,
  remove_remote: true,
  resolve: true,
  recover_team: true,
}

export function isSyncDialog(dialog: { is: string } | null): dialog is SyncDialog {
  return dialog !== null && Object.hasOwn(ALL, dialog.is)
}
