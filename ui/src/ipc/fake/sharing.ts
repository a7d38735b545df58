// Who has which bundle of the fake team: members, those who left, services; and what waits for a review.

import type { Answers } from '.'
import { fault } from '.'
import { idOf, sampleService } from './sample_team'
import { meant } from './team'
import { DAY, now, type World } from './world'

export function answersAboutSharing(world: World): Answers {
  const team = world.team
  const bundleOf = (name: string) => {
    const bundle = world.bundles.find((one) => one.name === name)
    if (!bundle) throw fault('not_found', 'There is no such bundle.', name, null)
    return bundle
  }
  const namesOf = (texts: string[]) => texts.map((text) => meant(team.members, text, 'There is no such member.').name)
  const setMembers = (name: string, members: string[]) => {
    const after = { ...bundleOf(name), members }
    world.bundles = world.bundles.map((one) => (one.name === name ? after : one))
    return after
  }

  return {
    access_who({ bundle: only }) {
      const bundles = only == null ? world.bundles : [bundleOf(only)]
      return bundles.flatMap((bundle) => [
        ...bundle.members.map((name) => {
          const role = team.members.find((one) => one.name === name)?.role ?? 'writer'
          return { bundle: bundle.name, member: name, member_id: idOf(name), role, now: true, writes: role !== 'reader', keys: 2 }
        }),
        ...(team.formerHolders[bundle.name] ?? []).map((name) => ({
          bundle: bundle.name,
          member: name,
          member_id: idOf(name),
          role: 'none',
          now: false,
          writes: false,
          keys: 1,
        })),
      ])
    },
    access_what({ member: text }) {
      const member = meant([...team.members, ...team.former], text, 'There is no such member.')
      return world.entries
        .filter((entry) => member.bundles.includes(entry.bundle))
        .map(({ bundle, name, versions }) => ({
          bundle,
          name,
          version: versions,
          to: [member.name],
          owner: null,
          state: 'in_use',
          reason: null,
          was_read: 'unknown',
        }))
    },
    share({ bundle, with: texts }) {
      const unverified = namesOf(texts).find((name) => !team.members.find((one) => one.name === name)?.verified)
      if (unverified && team.policy.require_verified) {
        throw fault(
          'not_allowed',
          'The team shares only with members whose keys were compared.',
          unverified,
          'Compare keys with them first.',
        )
      }
      return setMembers(bundle, [...new Set([...bundleOf(bundle).members, ...namesOf(texts)])])
    },
    unshare({ bundle, with: texts }) {
      const gone = namesOf(texts)
      team.formerHolders[bundle] = [...(team.formerHolders[bundle] ?? []), ...gone]
      return setMembers(
        bundle,
        bundleOf(bundle).members.filter((name) => !gone.includes(name)),
      )
    },
    list_exposed: ({ all }) => team.exposed.filter((one) => all || one.state === 'needs_rotation'),
    settle_exposed({ bundle, name, reason }) {
      team.exposed = team.exposed.map((one) =>
        one.bundle === bundle && one.name === name && one.state === 'needs_rotation' ? { ...one, state: 'settled', reason } : one,
      )
      return team.exposed.filter((one) => one.bundle === bundle && one.name === name)
    },
    list_services: ({ all }) => team.services.filter((one) => all || (one.state !== 'removed' && one.state !== 'expired')),
    create_service({ name, bundles, expires }) {
      if (team.services.some((one) => one.name === name))
        throw fault('conflict', 'There is a service of this name.', name, 'Choose another name.')
      const service = sampleService(name, { bundles, created: now(), expires: expires ?? now() + 90 * DAY, published: null })
      team.services = [...team.services, service]
      return {
        token: `sealfold-token-1-${'w5hx09pb'.repeat(10)}`,
        service,
        remote: 'https://git.acme.example/secrets.git',
        warnings: [],
      }
    },
    remove_service({ name: text }) {
      const removed = { ...meant(team.services, text, 'There is no such service.'), state: 'removed' }
      team.services = team.services.map((one) => (one.id === removed.id ? removed : one))
      return removed
    },
    list_quarantine: () => team.quarantine,
    review({ ops }) {
      const reviewed = team.quarantine.filter((one) => ops.includes(one.op))
      team.quarantine = team.quarantine.filter((one) => !ops.includes(one.op))
      return reviewed
    },
  }
}
