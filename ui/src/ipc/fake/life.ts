// The fake vault is made, unlocked, locked.

import type { Answers } from '.'
import { fault } from '.'
import { sampleWords } from './sample'
import type { World } from './world'

export const FAKE_PASSPHRASE = 'correct horse'

export function answersAboutLife(world: World): Answers {
  return {
    status() {
      const open = {
        team: '5ea1',
        member: world.member,
        device: 'd0',
        device_name: 'laptop',
        bundles: world.bundles.length,
        entries: world.entries.length,
        counter: 1,
        standing: 'enrolled',
        anchor: 'same',
        audit_rows: 12,
        fully_checked: true,
        flush_failure: null,
        escapes: [],
        findings: [],
        unreadable_teams: [],
      }
      return {
        exists: world.exists,
        path: '/home/ann/.local/share/sealfold/vault.sealfold',
        locked: world.locked,
        suspended: false,
        vault: world.exists ? 'a0' : null,
        format: 1,
        keychain: 'ok',
        slots: world.slots.map((slot) => slot.kind),
        open: world.exists && !world.locked ? open : null,
        agent: null,
        warnings: [],
      }
    },
    draft_words: () => sampleWords(),
    create_vault({ member, passphrase, words }) {
      if (words !== sampleWords().join(' ')) throw fault('wrong_key', 'These are not the words that were drafted.', null, null)
      Object.assign(world, { exists: true, locked: false, member, passphrase, bundles: [], entries: [] })
      return { warnings: [] }
    },
    unlock({ key }) {
      if (key === 'keychain' && world.slots.some((slot) => slot.kind === 'keychain')) {
        world.locked = false
        return { until: null, warnings: [] }
      }
      if (typeof key === 'string' || !('passphrase' in key) || key.passphrase !== world.passphrase) {
        throw fault(
          'wrong_key',
          'The passphrase does not open this vault.',
          null,
          'Try again, or use the recovery words: sealfold recovery use.',
        )
      }
      world.locked = false
      return { until: null, warnings: [] }
    },
    leave_quick: () => null,
    lock() {
      world.locked = true
      return null
    },
    list_asked: () => world.asked,
    decide({ id }) {
      if (!world.asked.some((one) => one.id === id))
        throw fault('not_found', 'This request is not waiting any more.', null, 'Whoever made it can make it again.')
      world.asked = world.asked.filter((one) => one.id !== id)
      return null
    },
  }
}
