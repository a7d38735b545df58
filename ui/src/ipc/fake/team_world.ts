// What the fake knows of the team: its people, their devices and what they could read.

import type {
  DeviceView,
  ExposedView,
  MemberView,
  PolicyView,
  QuarantineView,
  RequestView,
  ServiceView,
  TeamView,
} from '../types'
import {
  formerMembers,
  personalTeam,
  sampleDevices,
  sampleExposure,
  sampleMembers,
  sampleQuarantine,
  sampleRequests,
  sampleServices,
  sampleTeam,
} from './sample_team'

export interface TeamWorld {
  teams: TeamView[]
  members: MemberView[]
  former: MemberView[]
  requests: RequestView[]
  devices: DeviceView[]
  exposed: ExposedView[]
  services: ServiceView[]
  quarantine: QuarantineView[]
  policy: PolicyView
  /** Who had a bundle and has it no more, by its name. */
  formerHolders: Record<string, string[]>
}

export function makeTeamWorld(given: Partial<TeamWorld> = {}): TeamWorld {
  return {
    teams: [sampleTeam(), personalTeam()],
    members: sampleMembers(),
    former: formerMembers(),
    requests: sampleRequests(),
    devices: sampleDevices(),
    exposed: sampleExposure(),
    services: sampleServices(),
    quarantine: sampleQuarantine(),
    policy: { team: 'acme', stale_after_days: 90, require_verified: false },
    formerHolders: { 'api/prod': ['erin'] },
    ...given,
  }
}

/** A vault of one person, with nothing of a team in it. */
export function alone(): Partial<TeamWorld> {
  return {
    teams: [personalTeam()],
    members: sampleMembers().filter((member) => member.own),
    former: [],
    requests: [],
    devices: sampleDevices().filter((device) => device.member === 'ann'),
    exposed: [],
    services: [],
    quarantine: [],
    formerHolders: {},
  }
}
