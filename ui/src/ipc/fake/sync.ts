// Remotes, conflicts, findings and the audit of the fake vault.

import type { Answers } from '.'
import { fault } from '.'
import type { AuditView, ConflictView, FindingView, RemoteView, SideView, TeamSync } from '../types'
import { now, type World } from './world'

const DAY = 86_400

export function answersAboutSync(world: World): Answers {
  const remoteOf = (team: string | null | undefined): RemoteView => {
    const found = world.remotes.find((one) => team == null || one.team === team)
    if (!found) throw fault('not_found', 'This team has no remote.', team ?? null, null)
    return found
  }

  const put = (remote: RemoteView) => {
    world.remotes = [...world.remotes.filter((one) => one.team !== remote.team), remote]
    return remote
  }

  const conflictsIn = (bundle: string | null | undefined) =>
    world.entries
      .filter((entry) => entry.conflict && (bundle == null || entry.bundle === bundle))
      .map(({ bundle, name, fields }) => sampleConflict(bundle, name, fields))

  let fetched = 0

  return {
    list_remotes: () => world.remotes,
    add_remote({ team, location }) {
      if (/\/\/[^/@]*:[^/@]*@/.test(location))
        throw fault('usage', 'An address never holds credentials.', location, 'Write it without them.')
      const named = world.team.teams.find((one) => `id:${one.id}` === team)?.name ?? team
      return put({
        team: named ?? 'acme',
        location,
        kind: kindOf(location),
        last_sync: null,
        out: false,
        head: '5ea1f01d5ea1f01d',
        trouble: null,
        to_push: 12,
        findings: 0,
      })
    },
    move_remote: ({ team, location }) =>
      put({ ...remoteOf(team), location, kind: kindOf(location), last_sync: now(), services: ['ci'] }),
    remove_remote({ team }) {
      const remote = remoteOf(team)
      world.remotes = world.remotes.filter((one) => one !== remote)
      return remote
    },
    sync({ team }) {
      const teams = world.remotes.filter((one) => team == null || one.team === team)
      world.remotes = world.remotes.map((one) =>
        teams.includes(one) && one.trouble === null ? { ...one, last_sync: now(), to_push: 0 } : one,
      )
      fetched = 0
      return { teams: teams.map((one) => sampleSync(world, one)) }
    },
    sync_progress() {
      fetched = Math.min(fetched + 37, 240)
      return { fetched, of: 240, received: fetched * 3, sent: 2 }
    },
    stop_sync: () => null,
    list_findings: () => world.findings,
    acknowledge_finding({ finding: id }) {
      const finding = world.findings.find((one) => one.id.startsWith(id))
      if (!finding) throw fault('not_found', 'There is no such finding.', id, null)
      const known = { ...finding, acknowledged: now() }
      world.findings = world.findings.map((one) => (one === finding ? known : one))
      return known
    },
    list_conflicts: ({ bundle, name }) => conflictsIn(bundle).filter((one) => name == null || one.name === name),
    reveal_conflict({ bundle, name }) {
      const conflict = conflictsIn(bundle).find((one) => one.name === name)
      if (!conflict) throw fault('not_found', 'This conflict is settled by now.', name, null)
      const sides = conflict.base ? [conflict.base, ...conflict.sides] : conflict.sides
      const fields = world.entries.find((entry) => entry.bundle === bundle && entry.name === name)?.fields ?? []
      return sides.map(({ number }) => ({
        number,
        values: fields.map((field) => [field, `plaintext-of-side-${number}-${field}`]),
      }))
    },
    resolve_conflict({ bundle, name, take }) {
      const entry = world.entries.find((one) => one.bundle === bundle && one.name === name)
      if (!entry) throw fault('not_found', 'There is no such entry.', name, null)
      world.values.set(`${entry.bundle}\n${name}\nvalue`, `plaintext-of-side-${take}-value`)
      world.entries = world.entries.map((one) =>
        one === entry ? { ...entry, conflict: false, versions: entry.versions + 1, updated: now() } : one,
      )
      return { id: entry.id, bundle: entry.bundle, name, version: entry.versions + 1, change: 'changed', warnings: [] }
    },
    list_audit({ until, operation, bundle, failed, limit }) {
      const wanted = world.audit.filter(
        (row) =>
          (until == null || row.at < until) &&
          (operation == null || row.operation === operation) &&
          (bundle == null || row.bundle === bundle) &&
          (!failed || row.failure !== null),
      )
      return wanted.slice(0, limit ?? 100)
    },
    verify_audit: () => ({ rows: world.audit.length, head: '8c2f19d04be77a31c05d', anchor: 'same' }),
  }
}

const kindOf = (location: string) => (location.startsWith('s3:') ? 's3' : /^(folder:|\/)/.test(location) ? 'folder' : 'git')

function sampleSync(world: World, remote: RemoteView): TeamSync {
  const findings = world.findings.filter((one) => one.team === remote.team)
  const failure = remote.trouble ? fault('remote', remote.trouble, remote.location, 'Check the network and try again.') : null
  const quiet = { received: 0, pushed: 0, waiting: 0, requests: 0, asked: false, changed_bundles: [], conflicts: 0 }
  const news = {
    received: 18,
    pushed: 2,
    waiting: 1,
    requests: 1,
    asked: false,
    changed_bundles: ['api/prod', 'api/staging'],
    conflicts: 1,
  }
  return { team: remote.team, ...(failure || remote.out ? quiet : news), out: remote.out, findings, failure, network_requests: 7 }
}

export function sampleRemotes(): RemoteView[] {
  const well = { last_sync: now() - 1500, out: false, head: '5ea1f01d5ea1f01d', trouble: null, to_push: 0, findings: 0 }
  return [
    { ...well, team: 'acme', location: 'git@git.example.com:acme/secrets.git', kind: 'git', to_push: 2, findings: 2 },
    {
      ...well,
      team: 'northwind-platform-engineering',
      location: 's3://northwind-platform-secrets-eu-central-1/sealfold/team',
      kind: 's3',
      last_sync: now() - 9 * DAY,
      trouble: 'The remote did not answer within 30 seconds.',
    },
    { ...well, team: 'old-agency', location: 'folder:/srv/share/agency', kind: 'folder', last_sync: now() - 60 * DAY, out: true },
  ]
}

export function sampleFindings(): FindingView[] {
  const none = { device: null, device_name: null, own_device: false, seq: null, object: null, acknowledged: null }
  return [
    {
      ...none,
      team: 'acme',
      id: 'f01dab1e',
      kind: 'rollback',
      sentence: 'An object that was on the remote is gone.',
      next: '',
      object: 'ops/5ea1/000214',
      since: now() - 2 * DAY,
    },
    {
      ...none,
      team: 'acme',
      id: 'c0ffee11',
      kind: 'stale',
      sentence: 'A device has given no sign of life for 45 days.',
      next: '',
      device: 'd7',
      device_name: 'old-laptop',
      since: now() - 20 * DAY,
      acknowledged: now() - 10 * DAY,
    },
  ]
}

function sampleConflict(bundle: string, name: string, fields: string[]): ConflictView {
  const side = (number: number, more: Partial<SideView>): SideView => {
    return {
      number,
      id: `v${number}`,
      member: 'ann',
      device: 'laptop',
      mine: true,
      at: now() - 3 * DAY,
      removal: false,
      changed_fields: fields.slice(0, 1),
      values: [],
      ...more,
    }
  }
  return {
    bundle,
    name,
    base: side(0, { member: 'carol', device: 'build-box', mine: false, at: now() - 30 * DAY, changed_fields: [] }),
    sides: [
      side(1, {}),
      side(2, { member: 'bob', device: 'bobs-workstation-in-the-second-office', mine: false, at: now() - 2 * DAY }),
    ],
  }
}

export function sampleAudit(count: number): AuditView[] {
  const operations = ['get', 'run', 'sync', 'set', 'copy', 'export', 'reveal', 'share']
  const bundles = ['api/dev', 'api/prod', 'web/dev', null]
  const names = ['DATABASE_URL', 'API_TOKEN', 'STRIPE_SECRET_KEY']
  return Array.from({ length: count }, (_, index): AuditView => {
    const operation = operations[index % operations.length] ?? 'get'
    return {
      index: count - index,
      at: now() - index * 1800,
      host: index % 5 === 0 ? 'build-box' : 'laptop',
      user: 'ann',
      process: index % 3 === 0 ? '4711 sealfold-desktop' : '812 sealfold',
      device: 'd0',
      operation,
      bundle: bundles[index % bundles.length] ?? null,
      names: operation === 'sync' ? [] : [names[index % names.length] ?? 'API_TOKEN'],
      count: operation === 'sync' ? 0 : 1,
      detail: operation === 'run' ? 'npm start' : null,
      failure: index % 11 === 10 ? 'not_allowed' : null,
    }
  })
}
