// Settings, recovery, backups.

import type { CatalogueOf } from '../catalogue'
import type { settings as source } from '../en/settings'

export const settings: CatalogueOf<typeof source> = {
  'path.choose': 'Wählen…',
  'path.choose_for': 'Eine Datei wählen: {label}',

  'new_vault.keychain': 'Auch mit dem Schlüsselbund dieses Rechners öffnen',
  'unlock.keychain': 'Mit dem Schlüsselbund entsperren',
  'unlock.restore': 'Eine Sicherung zurückholen',
  'unlock.other': 'Einen anderen Tresor öffnen',

  'use_recovery.title': 'Mit den Wiederherstellungswörtern entsperren',
  'use_recovery.text': 'Die 24 Wörter auf deinem Papier öffnen den Tresor, und du setzt eine neue Passphrase.',
  'use_recovery.words': 'Die 24 Wiederherstellungswörter, in ihrer Reihenfolge',
  'use_recovery.passphrase': 'Die neue Passphrase',
  'use_recovery.use': 'Entsperren und die Passphrase setzen',
  'use_recovery.done': 'Die neue Passphrase gilt ab jetzt.',
  'use_recovery.enrolled': 'Die neue Passphrase gilt ab jetzt, und dieser Rechner ist ein neues Gerät von dir.',

  'restore.text': 'Holt die Sicherung eines Tresors auf diesen Rechner zurück.',
  'restore.path': 'Die Datei der Sicherung',
  'restore.replace': 'Den Tresor, der hier liegt, beiseitelegen. Er bleibt erhalten.',
  'restore.working': 'Wird geprüft und zurückgeholt…',
  'restore.restore': 'Die Sicherung zurückholen',
  'restore.done': { one: 'Die Sicherung ist zurückgeholt, mit {count} Eintrag.', other: 'Die Sicherung ist zurückgeholt, mit {count} Einträgen.' },
  'restore.moved_aside': 'Der Tresor, der hier lag, liegt unter',
  'restore.enrol': 'Er lässt sich gleich lesen. Um zu schreiben, entsperre ihn einmal mit den Wiederherstellungswörtern, damit dieser Rechner als neues Gerät unterschreibt.',
  'restore.unlock': 'Zum Entsperren',
  'backup_key.with': 'Öffnen mit',
  'backup_key.passphrase': 'einer Passphrase',
  'backup_key.words': 'Wiederherstellungswörtern',
  'backup_key.its_passphrase': 'Passphrase des gesicherten Tresors',
  'backup_key.its_words': 'Wiederherstellungswörter des gesicherten Tresors',
  'backup_key.encrypted': 'Die Datei ist zusätzlich an Empfänger verschlüsselt',
  'backup_key.identity': 'Text der age-Identität oder des SSH-Schlüssels',

  'open_other.text': 'Nimmt eine Tresordatei, die anderswo liegt, etwa auf einem USB-Stick.',
  'open_other.path': 'Die Tresordatei',
  'open_other.open': 'Öffnen',

  'recover.text': 'Bringt dein Team von seinem Ablageort zurück, mit den 24 Wörtern auf deinem Papier.',
  'recover.words': 'Die 24 Wiederherstellungswörter, in ihrer Reihenfolge',
  'recover.passphrase': 'Passphrase des neuen Tresors',
  'recover.keep': 'Andere Geräte von dir, die nicht verloren sind',
  'recover.keep_hint': 'Nach Namen, mit Kommas dazwischen. Alle anderen werden gesperrt.',
  'recover.more': 'Mehrere Teams an einem Ort, und weitere Angaben',
  'recover.device': 'Name dieses Rechners',
  'recover.team_id': 'Kennung des Teams, von deinem Papier',
  'recover.genesis': 'Kennung des Anfangs, von deinem Papier',
  'recover.member_id': 'Kennung des Mitglieds, von deinem Papier',
  'recover.working': 'Das Team wird geholt und geprüft…',
  'recover.recover': 'Das Team zurückbringen',
  'recover.done': { one: 'Das Team ist zurück, mit {count} Bündel, das du lesen kannst.', other: 'Das Team ist zurück, mit {count} Bündeln, die du lesen kannst.' },
  'recover.team': 'Team',
  'recover.member': 'Du bist',
  'recover.revoked': 'Gesperrte Geräte',
  'recover.none_revoked': 'Keine',
  'recover.not_told': 'Der Ablageort weiß noch nichts von diesem Gerät. Der nächste Abgleich versucht es wieder.',
  'recover.go_on': 'Weiter',
}
