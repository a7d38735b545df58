// Teams, members and those who ask to join, of the fake vault.

import type { Answers } from '.'
import { fault } from '.'
import { answersAboutDevices } from './devices'
import { sampleMember, sampleTeam, SAFETY_WORDS } from './sample_team'
import { answersAboutSharing } from './sharing'
import { DAY, now, type World } from './world'

/** As the program does: by the whole id, or by the name. */
export function meant<T extends { id: string; name: string }>(all: readonly T[], text: string, nothing: string): T {
  const found = all.find((one) => text === `id:${one.id}` || text === one.id || text === one.name)
  if (!found) throw fault('not_found', nothing, text, null)
  return found
}

const FINGERPRINT = '1f3a 88c0 47de 90b2 6614 ab5e 02d9 73fc 1f3a 88c0 47de 90b2 6614 ab5e 02d9 73fc'

export function answersAboutTeam(world: World): Answers {
  const team = world.team
  const member = (text: string) => meant(team.members, text, 'There is no such member.')
  const letIn = (name: string, role: string, verified: boolean) => {
    const added = sampleMember(name, { role, verified, bundles: [], last_seen: null })
    team.members = [...team.members, added]
    return added
  }
  const compared = (words: string, right: string) => {
    if (words.trim().split(/\s+/).join(' ').toLowerCase() === right) return
    throw fault(
      'integrity',
      'What they read are not the words of this request.',
      null,
      'Let them read once more. If it stays so, do not let them in.',
    )
  }

  return {
    ...answersAboutDevices(world),
    ...answersAboutSharing(world),
    list_teams: () => team.teams,
    new_team({ name, separate }) {
      const made = sampleTeam({ name, members: 1, remote: null, ...(separate ? { id: `${name}0`.padEnd(32, '0') } : {}) })
      team.teams = separate ? [...team.teams, made] : [made]
      return made
    },
    team_policy({ stale_after_days: days, require_verified: required }) {
      team.policy = {
        ...team.policy,
        stale_after_days: days ?? team.policy.stale_after_days,
        require_verified: required ?? team.policy.require_verified,
      }
      return team.policy
    },
    invite: ({ role, days }) => ({
      text: `sealfold-invitation-1-${'q3vkz81mw0tcd7ehry52'.repeat(9)}`,
      team: 'acme',
      role,
      expires: now() + (days ?? 7) * DAY,
      remote: 'https://git.acme.example/secrets.git',
    }),
    join({ invitation }) {
      if (!invitation.startsWith('sealfold-invitation-')) {
        throw fault('usage', 'This is no whole invitation.', null, 'Ask for the text again, and give all of it.')
      }
      const joined = sampleTeam({
        id: 'b0'.repeat(16),
        name: 'b0b0b0b0',
        role: 'none',
        members: 0,
        bundles: 0,
        asked: SAFETY_WORDS,
      })
      team.teams = [...team.teams, joined]
      return {
        team: joined.id,
        role: 'writer',
        words: SAFETY_WORDS,
        inviter: 'd0d0',
        remote: 'https://git.acme.example/secrets.git',
        failure: null,
      }
    },
    list_requests: () => team.requests,
    approve({ request: text, words }) {
      const request = meant(team.requests, text, 'There is no such request.')
      if (words != null) compared(words, request.words)
      else if (request.must_compare)
        throw fault('not_allowed', 'The words have to be compared.', request.name, 'Let them read the words to you.')
      team.requests = team.requests.filter((one) => one !== request)
      return letIn(request.name, request.role, words != null)
    },
    ask_to_return: () => ({
      team: 'acme',
      text: `sealfold-return-1-${'m2xw90rk'.repeat(12)}`,
      words: SAFETY_WORDS,
      devices: ['laptop'],
    }),
    take_back({ role, words }) {
      if (words != null) compared(words, SAFETY_WORDS)
      team.former = []
      return letIn('erin', role, words != null)
    },
    list_members: ({ former }) => (former ? [...team.members, ...team.former] : team.members),
    set_role({ member: text, role }) {
      const after = { ...member(text), role }
      team.members = team.members.map((one) => (one.id === after.id ? after : one))
      return after
    },
    remove_member({ member: text, dry_run }) {
      const removed = member(text)
      const readable = world.entries.filter((entry) => removed.bundles.includes(entry.bundle))
      const exposed = readable.map(({ bundle, name, versions }, index) => ({
        bundle,
        name,
        version: versions,
        to: [removed.name],
        owner: index % 4 === 0 ? 'ann' : null,
        state: 'needs_rotation',
        reason: null,
        was_read: ['yes', 'no', 'unknown'][index % 3] ?? 'unknown',
      }))
      if (!dry_run) {
        team.members = team.members.filter((one) => one !== removed)
        team.former = [...team.former, { ...removed, role: 'none', bundles: [] }]
        team.exposed = [...exposed, ...team.exposed]
        world.bundles = world.bundles.map((bundle) => ({
          ...bundle,
          members: bundle.members.filter((name) => name !== removed.name),
        }))
      }
      return { member: removed, exposed }
    },
    verify_member({ member: text, words }) {
      const known = member(text)
      if (words != null) {
        if (words.replace(/\s/g, '').toLowerCase() !== FINGERPRINT.replace(/\s/g, '')) {
          throw fault(
            'integrity',
            'What they read is not the fingerprint of the key that is here.',
            null,
            'Read it to each other once more. If it stays so, somebody stands between you: do not share with them.',
          )
        }
        team.members = team.members.map((one) => (one === known ? { ...known, verified: true } : one))
      }
      return { member: known.name, words: FINGERPRINT, verified: known.verified || words != null }
    },
  }
}
