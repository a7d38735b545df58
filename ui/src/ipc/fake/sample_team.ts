// A made-up team for tests and for looking at the screens: somebody of each sort.

import type { DeviceView, ExposedView, MemberView, QuarantineView, RequestView, ServiceView, TeamView } from '../types'
import { DAY, now } from './world'

export const SAFETY_WORDS = 'amber basin cedar delta ember fable glade harbor island jungle'
export const ACME = 'ac3e0000000000000000000000000001'
const PERSONAL = '5ea10000000000000000000000000001'

export function sampleTeam(more: Partial<TeamView> = {}): TeamView {
  return {
    id: ACME,
    genesis: 'e0f1',
    name: 'acme',
    member: idOf('ann'),
    member_name: 'ann',
    role: 'owner',
    members: 4,
    bundles: 5,
    remote: 'https://git.acme.example/secrets.git',
    asked: null,
    due: [],
    ...more,
  }
}

export function personalTeam(): TeamView {
  return sampleTeam({ id: PERSONAL, name: 'personal', members: 1, bundles: 1, remote: null })
}

/** An id for a name: the same each time, and another for another name. */
export function idOf(name: string): string {
  let state = 0x811c9dc5
  const digits = Array.from({ length: 4 }, (_, round) => {
    for (const sign of `${round}${name}`) state = Math.imul(state ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0
    return state.toString(16).padStart(8, '0')
  })
  return digits.join('')
}

export function sampleMember(name: string, more: Partial<MemberView> = {}): MemberView {
  return {
    id: idOf(name),
    team: 'acme',
    name,
    role: 'writer',
    own: false,
    verified: true,
    bundles: ['api/dev', 'api/staging'],
    devices: 1,
    last_seen: now() - 2 * DAY,
    age_recipient: null,
    ...more,
  }
}

export function sampleMembers(): MemberView[] {
  return [
    sampleMember('ann', {
      role: 'owner',
      own: true,
      bundles: ['api/dev', 'api/staging', 'api/prod', 'web/dev'],
      devices: 2,
      last_seen: now() - 60,
    }),
    sampleMember('bob', { bundles: ['api/dev', 'api/staging', 'api/prod', 'web/dev'], devices: 2 }),
    sampleMember('carol', { role: 'admin', bundles: ['api/prod', 'web/prod'], last_seen: now() - 40 * DAY }),
    sampleMember('Maximiliane von und zu Hohenlohe-Waldenburg-Schillingsfürst (contractor)', {
      role: 'reader',
      verified: false,
      bundles: [],
      last_seen: null,
    }),
  ]
}

export function formerMembers(): MemberView[] {
  return [sampleMember('erin', { role: 'none', bundles: [], devices: 0, last_seen: now() - 70 * DAY })]
}

export function sampleRequest(name: string, more: Partial<RequestView> = {}): RequestView {
  return {
    id: idOf(`asks ${name}`),
    team: 'acme',
    name,
    device_name: `${name}s-laptop`,
    role: 'writer',
    invited_by: 'ann',
    expires: now() + 5 * DAY,
    words: SAFETY_WORDS,
    must_compare: false,
    invited: name,
    ...more,
  }
}

export function sampleRequests(): RequestView[] {
  return [
    sampleRequest('frida'),
    // The second letter is Cyrillic.
    sampleRequest('bоb', {
      role: 'admin',
      must_compare: true,
      looks_like: `bob (${idOf('bob').slice(0, 8)})`,
      invited: 'gustav',
      words: SAFETY_WORDS.split(' ').toReversed().join(' '),
    }),
  ]
}

export function sampleDevice(member: string, name: string, more: Partial<DeviceView> = {}): DeviceView {
  return {
    id: idOf(`${member} ${name}`),
    name,
    member,
    this: false,
    recovery: false,
    stands: true,
    earlier: false,
    added: now() - 200 * DAY,
    last_seen: now() - DAY,
    ...more,
  }
}

export function sampleDevices(): DeviceView[] {
  return [
    sampleDevice('ann', 'old-desktop', { earlier: true, added: now() - 400 * DAY, last_seen: now() - 95 * DAY }),
    sampleDevice('ann', 'laptop', { this: true, last_seen: now() - 60 }),
    sampleDevice('ann', 'recovery', { recovery: true, last_seen: null }),
    sampleDevice('ann', 'lost-phone', { stands: false }),
    sampleDevice('bob', 'workstation'),
    sampleDevice('bob', 'build-box-in-the-cellar-next-to-the-boiler', { last_seen: null }),
    sampleDevice('carol', 'macbook', { last_seen: now() - 40 * DAY }),
  ]
}

export function sampleExposed(bundle: string, name: string, more: Partial<ExposedView> = {}): ExposedView {
  return {
    bundle,
    name,
    version: 1,
    to: ['erin'],
    owner: null,
    state: 'needs_rotation',
    reason: null,
    was_read: 'unknown',
    ...more,
  }
}

export function sampleExposure(): ExposedView[] {
  return [
    sampleExposed('api/prod', 'DATABASE_URL', { version: 3, owner: 'bob', was_read: 'yes', read_at: now() - 72 * DAY }),
    sampleExposed('api/prod', 'STRIPE_SECRET_KEY', {
      version: 2,
      owner: 'ann',
      was_read: 'no',
      not_read_until: now() - 70 * DAY,
    }),
    sampleExposed('api/prod', 'SMTP_PASSWORD', { to: ['erin', 'the service nightly'] }),
    sampleExposed('api/staging', 'REDIS_URL'),
    sampleExposed('web/dev', 'A_VERY_LONG_NAME_THAT_SOMEBODY_ONCE_FOUND_NECESSARY_FOR_THE_THIRD_PARTY_ANALYTICS_WEBHOOK_SECRET'),
    sampleExposed('api/staging', 'SESSION_KEY', { state: 'rotated' }),
    sampleExposed('api/dev', 'LOG_LEVEL', { state: 'settled', reason: 'no secret (ann)' }),
  ]
}

export function sampleService(name: string, more: Partial<ServiceView> = {}): ServiceView {
  return {
    id: idOf(`service ${name}`),
    team: 'acme',
    name,
    bundles: ['api/prod'],
    left_out: [],
    signers: ['laptop'],
    gone: [],
    creator: 'ann',
    created: now() - 30 * DAY,
    expires: now() + 60 * DAY,
    max_age: 7 * DAY,
    state: 'active',
    published: now() - 3600,
    ...more,
  }
}

export function sampleServices(): ServiceView[] {
  return [
    sampleService('deploy'),
    sampleService('nightly', {
      bundles: ['api/prod', 'web/prod'],
      left_out: ['web/prod'],
      signers: ['lost-phone'],
      gone: ['lost-phone'],
      state: 'needs_new_token',
      published: now() - 9 * DAY,
    }),
  ]
}

export function sampleQuarantine(): QuarantineView[] {
  return [
    {
      op: 'f00d0000000000000000000000000001',
      bundle: 'api/dev',
      names: ['LOG_LEVEL', 'API_TOKEN'],
      member: 'erin',
      device: 'erins-laptop',
      at: now() - 69 * DAY,
    },
    {
      op: 'f00d0000000000000000000000000002',
      bundle: 'api/staging',
      names: ['REDIS_URL'],
      member: 'erin',
      device: 'erins-laptop',
      at: now() - 68 * DAY,
    },
  ]
}
