// Slots, recovery, backups and settings of the fake vault.

import type { Answers } from '.'
import { fault } from '.'
import type { BackupView, DoctorReport, EscapeView, Key } from '../types'
import { sampleWords } from './sample'
import { now, type World } from './world'

export const FAKE_WORDS = sampleWords().join(' ')

export function answersAboutSettings(world: World): Answers {
  /** Paths by their tickets. */
  const files: string[] = []
  const choose = (path: string) => ({ ticket: files.push(path), path })
  const chosen = (ticket: number) => files[ticket - 1] ?? ''
  const backup = (path: string, more: Partial<BackupView> = {}): BackupView => {
    return { path, vault: 'a0', counter: 214, entries: world.entries.length, bytes: 482_304, moved_aside: null, to: [], ...more }
  }

  const check = (key: Key) => {
    const right =
      typeof key !== 'string' && ('passphrase' in key ? key.passphrase === world.passphrase : key.recovery_words === FAKE_WORDS)
    if (!right) throw fault('wrong_key', 'This does not open the backup.', null, 'Try again, or use the recovery words.')
  }

  const mustKnow = (words: string) => {
    if (words !== FAKE_WORDS)
      throw fault(
        'wrong_key',
        'These are not the recovery words of this vault.',
        null,
        'Check the words against the paper, in their order.',
      )
  }

  const escapeOf = (bundle: string): EscapeView => {
    const found = world.escapes.find((one) => one.bundle === bundle)
    if (!found) throw fault('not_found', 'No escape file is kept of this bundle.', bundle, null)
    return found
  }

  return {
    settings: () => world.settings,
    save_settings: (settings) => (world.settings = settings),
    choose_path: ({ save, name }) =>
      choose(save ? `/home/ann/${name ?? 'file'}` : '/home/ann/backups/sealfold-2026-11-01.backup'),
    open_other({ file }) {
      throw fault('not_found', 'There is no vault here.', chosen(file), 'Choose another file.')
    },
    list_slots: () => world.slots,
    add_slot(ask) {
      const slot =
        ask === 'keychain'
          ? { id: '77ab', kind: 'keychain', kdf: null }
          : { id: `c${world.slots.length}`, kind: 'passphrase', kdf: 'm=65536,t=3,p=4' }
      world.slots = [...world.slots, slot]
      return slot
    },
    remove_slot({ slot: id }) {
      const slot = world.slots.find((one) => one.id === id || one.kind === id)
      if (!slot) throw fault('not_found', 'There is no such slot.', id, null)
      world.slots = world.slots.filter((one) => one !== slot)
      return slot
    },
    change_passphrase({ current, new: next }) {
      if (current !== world.passphrase) throw fault('wrong_key', 'The current passphrase is another one.', null, 'Try again.')
      world.passphrase = next
      return world.slots[0] ?? { id: '51a70c', kind: 'passphrase', kdf: null }
    },
    draft_recovery({ current_words }) {
      mustKnow(current_words)
      return { words: sampleWords().toReversed(), team: '5ea1f00d77', genesis: '09b1c4e8aa' }
    },
    new_recovery({ current_words, new_words }) {
      mustKnow(current_words)
      if (new_words !== sampleWords().toReversed().join(' '))
        throw fault('wrong_key', 'These are not the words that were drafted.', null, null)
      return null
    },
    use_recovery({ words, new_passphrase }) {
      mustKnow(words)
      if (new_passphrase) world.passphrase = new_passphrase
      world.locked = false
      return { passphrase_changed: Boolean(new_passphrase), enrolled: false, warnings: [] }
    },
    recover_team({ words, new_vault }) {
      mustKnow(words)
      if (new_vault) Object.assign(world, { exists: true, locked: false, passphrase: new_vault.passphrase })
      return {
        team: 'acme',
        team_id: '5ea1f00d77',
        member: world.member,
        role: 'owner',
        bundles: 5,
        revoked: ['old-laptop'],
        failure: null,
        warnings: [],
      }
    },
    create_backup: ({ file, to }) => backup(chosen(file), { to }),
    verify_backup({ file, key }) {
      check(key)
      return backup(chosen(file))
    },
    restore_backup({ file, key }) {
      check(key)
      const moved_aside = world.exists ? '/home/ann/.local/share/sealfold/vault.sealfold.2026-11-21' : null
      Object.assign(world, { exists: true, locked: true })
      return backup(chosen(file), { moved_aside })
    },
    list_escapes: () => world.escapes,
    turn_on_escape({ bundle, to, file }) {
      const escape = { bundle, path: chosen(file), to, without: [], written: now(), left_out: 0, trouble: null }
      world.escapes = [...world.escapes.filter((one) => one.bundle !== bundle), escape]
      return escape
    },
    turn_off_escape({ bundle }) {
      const escape = escapeOf(bundle)
      world.escapes = world.escapes.filter((one) => one !== escape)
      return escape
    },
    doctor: () => sampleReport(),
  }
}

export function sampleEscapes(): EscapeView[] {
  return [
    {
      bundle: 'api/prod',
      path: '/home/ann/escape/api-prod.env.age',
      to: ['ann', 'carol'],
      without: [],
      written: now() - 7200,
      left_out: 2,
      trouble: null,
    },
    {
      bundle: 'web/dev',
      path: '/media/usb-stick-with-a-rather-long-name/teams/acme/escape/web-dev.env.age',
      to: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'],
      without: ['bob'],
      written: now() - 40 * 86_400,
      left_out: 0,
      trouble: 'The folder can not be written to.',
    },
  ]
}

function sampleReport(): DoctorReport {
  const ok = (name: string, sentence: string) => ({ name, state: 'ok' as const, sentence, next: null, failure: null })
  return {
    checks: [
      ok('file', 'The vault file is readable by you alone.'),
      {
        ...ok('keychain', 'The keychain holds no anchor, so a rollback of the file would not be noticed.'),
        state: 'warning',
        next: '`sealfold slot add keychain` sets one.',
      },
      ok('audit', 'The audit chain holds, 1,204 rows.'),
      {
        ...ok('teams', 'acme: An object that was on the remote is gone.'),
        state: 'bad',
        next: 'Ask who changed the remote, then `sealfold sync --full`.',
        failure: 'integrity',
      },
      ok('clock', 'The clock agrees with the newest ops.'),
    ],
  }
}
