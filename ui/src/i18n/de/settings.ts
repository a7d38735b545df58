// Settings, recovery, backups.

import type { CatalogueOf } from '../catalogue'
import type { settings as source } from '../en/settings'

export const settings: CatalogueOf<typeof source> = {}
