// Every dialog that opens over an open vault, and what each of them is about.

import type { EntryName, FieldName } from '../ipc/client'
import type { DeviceView, MemberView, RemoteView, RequestView, ServiceView, TeamView } from '../ipc/types'

/** By name; `dialogs/Dialogs.svelte` says which component shows it. */
export interface Dialogs {
  shortcuts: object
  new_bundle: object
  /** A new entry, or a change to one that exists. */
  entry: { edits: EntryName | null }
  /** Text of a `.env` that was dropped or pasted, and where it was. */
  import: { dropped?: string; bundle?: string }
  move: { entry: EntryName }
  save_field: { field: FieldName & { version?: number } }
  export: { bundle: string }
  archived: object

  new_team: object
  invite: { team: TeamView }
  join: object
  approve: { team: TeamView; request: RequestView }
  verify_member: { team: TeamView; member: MemberView }
  role: { team: TeamView; member: MemberView }
  what_they_read: { team: TeamView; member: MemberView }
  remove_member: { team: TeamView; member: MemberView }
  ask_to_return: { team: TeamView }
  take_back: { team: TeamView }
  link_device: { team: TeamView }
  answer_link: object
  revoke_device: { team: TeamView; device: DeviceView }
  /** Of one entry, which moves to a bundle of its own, where it is named. */
  share: { bundle: string; entry?: string }
  settle: { entries: readonly EntryName[] }
  new_service: { team: TeamView }
  remove_service: { team: TeamView; service: ServiceView }

  add_remote: { team: TeamView | null }
  move_remote: { remote: RemoteView }
  remove_remote: { remote: RemoteView }
  resolve: { entry: EntryName }
  recover_team: object
}

/** One that is open. */
export type OpenDialog = { [Is in keyof Dialogs]: { is: Is } & Dialogs[Is] }[keyof Dialogs]
