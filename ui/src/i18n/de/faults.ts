import type { CatalogueOf } from '../catalogue'
import type { faults as english } from '../en/faults'

export const faults: CatalogueOf<typeof english> = {
  'fault.heading': 'Etwas ist schiefgegangen:',
  'fault.in_terminal': 'Was das Terminal raten würde',
  'fault.to_health': 'Zur Prüfung des Tresors',

  'fault.unexpected': 'Das ist misslungen, und Sealfold weiß nicht, warum.',
  'fault.unexpected_next': 'Versuche es noch einmal. Geschieht es wieder, sagt vielleicht die Prüfung des Tresors, warum.',
  'fault.usage': 'Das geht so nicht, wie es verlangt wurde.',
  'fault.usage_next': 'Ändere, was die kleinen Zeilen nennen, und versuche es dann noch einmal.',
  'fault.aborted': 'Das wurde vor seinem Ende abgebrochen.',
  'fault.aborted_next': 'Beginne neu, wann du willst.',
  'fault.not_found': 'Was du willst, ist nicht da.',
  'fault.not_found_next': 'Vielleicht wurde es umbenannt, verschoben oder entfernt. Prüfe den Namen, und sieh noch einmal nach.',
  'fault.locked': 'Der Tresor ist gesperrt.',
  'fault.locked_next': 'Entsperre ihn, und tu dies dann noch einmal.',
  'fault.wrong_key': 'Was du angegeben hast, öffnet das nicht.',
  'fault.wrong_key_next': 'Gib es noch einmal ein. Großbuchstaben zählen, und die Reihenfolge der Wörter auch.',
  'fault.integrity': 'Eine Prüfung von Sealfold schlägt fehl: Etwas ist beschädigt, oder jemand hat es verändert.',
  'fault.integrity_next': 'Mach damit nicht weiter, bevor du weißt, warum. Die Prüfung des Tresors nennt, was nicht stimmt.',
  'fault.findings': 'Es ist getan, aber etwas verlangt deine Aufmerksamkeit.',
  'fault.findings_next': 'Jeder Befund sagt, was zu tun ist. Sie stehen auf der Seite Abgleich.',
  'fault.conflict': 'Etwas anderes ist schon da oder kam dazwischen.',
  'fault.conflict_next': 'Sieh nach, was jetzt da ist. Wähle dann einen anderen Namen, oder tu dies noch einmal.',
  'fault.not_allowed': 'Das darfst du nicht, oder nicht so, wie die Dinge stehen.',
  'fault.not_allowed_next':
    'Die kleinen Zeilen nennen, was fehlt. Was deine Rolle nicht erlaubt, kann ein Eigentümer oder Verwalter tun.',
  'fault.remote': 'Der Ablageort wurde nicht erreicht oder tat nicht, was er sollte.',
  'fault.remote_next': 'Prüfe das Netz und deinen Zugang, und gleiche noch einmal ab. Was du hier hast, bleibt lesbar.',
  'fault.io': 'Dieser Computer weigert sich: die Platte, eine Datei oder der Schlüsselbund.',
  'fault.io_next': 'Prüfe, ob es den Ort gibt, ob er beschrieben werden darf und ob Platz ist. Versuche es dann noch einmal.',
  'fault.differs': 'Was dir vorgelesen wurde, ist etwas anderes als das, was hier steht.',
  'fault.differs_next': 'Lest es einander noch einmal vor. Bleibt es verschieden, steht jemand zwischen euch: Mach nicht weiter.',
}
