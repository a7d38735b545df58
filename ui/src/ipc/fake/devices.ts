// Devices of the fake team, and how another one is added.

import type { Answers } from '.'
import { fault } from '.'
import { ACME, SAFETY_WORDS, sampleDevice } from './sample_team'
import { meant } from './team'
import type { World } from './world'

export function answersAboutDevices(world: World): Answers {
  const team = world.team
  return {
    list_devices: ({ all }) => team.devices.filter((device) => all || device.member === world.member),
    link_device: () => ({ text: `sealfold-device-1-${'8fjq2kzt'.repeat(12)}`, remote: 'https://git.acme.example/secrets.git' }),
    answer_link: () => ({ answer: `sealfold-answer-1-${'c7v0yd4n'.repeat(14)}`, words: SAFETY_WORDS, team: ACME }),
    add_device({ words }) {
      if (words.trim().toLowerCase() !== SAFETY_WORDS) {
        throw fault(
          'integrity',
          'These are not the words of this answer.',
          null,
          'Type what the new device shows. If it stays so, do not add it.',
        )
      }
      const added = sampleDevice(world.member, 'new-laptop', { last_seen: null })
      team.devices = [...team.devices, added]
      return added
    },
    revoke_device({ device: text, words, without_words: without }) {
      const device = meant(
        team.devices.filter((one) => one.stands),
        text,
        'There is no such device.',
      )
      if (device.earlier && words == null && !without) {
        throw fault(
          'not_allowed',
          'This device is earlier than this one.',
          device.name,
          'Give the recovery words, which outrank both.',
        )
      }
      const revoked = { ...device, stands: false }
      team.devices = team.devices.map((one) => (one === device ? revoked : one))
      return { ...revoked, added_by_it: [] }
    },
  }
}
