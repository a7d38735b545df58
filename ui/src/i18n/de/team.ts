// Members, sharing, invitations, devices, services.

import type { CatalogueOf } from '../catalogue'
import type { team as source } from '../en/team'

export const team: CatalogueOf<typeof source> = {}
