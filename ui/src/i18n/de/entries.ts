// Entries, bundles, environments, the generator.

import type { CatalogueOf } from '../catalogue'
import type { entries as source } from '../en/entries'

export const entries: CatalogueOf<typeof source> = {}
