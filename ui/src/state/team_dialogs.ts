// The dialogs about teams, and what each of them is about.

import type { EntryName } from '../ipc/client'
import type { DeviceView, MemberView, RequestView, ServiceView, TeamView } from '../ipc/types'

interface Of {
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
}

export type TeamDialog = { [Is in keyof Of]: { is: Is } & Of[Is] }[keyof Of]

const ALL: Record<keyof Of, true> = {
  new_team: true,
  invite: true,
  join: true,
  approve: true,
  verify_member: true,
  role: true,
  what_they_read: true,
  remove_member: true,
  ask_to_return: true,
  take_back: true,
  link_device: true,
  answer_link: true,
  revoke_device: true,
  share: true,
  settle: true,
  new_service: true,
  remove_service: true,
}

export function isTeamDialog(dialog: { is: string } | null): dialog is TeamDialog {
  return dialog !== null && Object.hasOwn(ALL, dialog.is)
}
