// Remotes, conflicts, findings, the audit.

import type { CatalogueOf } from '../catalogue'
import type { sync as source } from '../en/sync'

export const sync: CatalogueOf<typeof source> = {}
