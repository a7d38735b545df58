// Remotes, conflicts, findings, the audit.

import type { CatalogueOf } from '../catalogue'
import type { sync as source } from '../en/sync'

export const sync: CatalogueOf<typeof source> = {
  'location.label': 'Wo abgeglichen wird',
  'location.git': 'Git',
  'location.s3': 'S3-Bucket',
  'location.folder': 'Ordner',
  'location.hint': 'Git und S3 werden mit den Zugangsdaten gefragt, die dieser Rechner schon hat. In einer Adresse steht nie eines davon.',
}
