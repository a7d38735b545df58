// Made-up bundles and entries for tests and for looking at the screens.

import type { AskedView, BundleView, EntryView, Kind, Metadata } from '../types'

const DAY = 86_400
const now = () => Math.floor(Date.now() / 1000)

const none: Metadata = { purpose: null, owner: null, expires: null, rotate_every_days: null, lineage: null, note: null }

export function sampleBundle(name: string, more: Partial<BundleView> = {}): BundleView {
  return {
    id: name,
    team: 'acme',
    name,
    shared: true,
    members: ['ann', 'bob'],
    entries: 0,
    archived: false,
    created: now() - 90 * DAY,
    epoch: 'e0',
    escape: null,
    ...more,
  }
}

export function sampleEntry(bundle: string, name: string, more: Partial<EntryView> = {}): EntryView {
  return {
    id: `${bundle}/${name}`,
    bundle,
    name,
    kind: 'variable',
    fields: ['value'],
    tags: [],
    metadata: none,
    has_note: false,
    updated: now() - 20 * DAY,
    versions: 1,
    conflict: false,
    ...more,
  }
}

export function sampleBundles(): BundleView[] {
  return [
    sampleBundle('api/dev'),
    sampleBundle('api/staging'),
    sampleBundle('api/prod', { members: ['ann', 'bob', 'carol'] }),
    sampleBundle('web/dev'),
    sampleBundle('web/prod', { shared: false, members: ['carol'] }),
    sampleBundle('home/personal', { team: 'personal', members: ['ann'] }),
  ]
}

export function sampleEntries(): EntryView[] {
  const variables = ['API_TOKEN', 'DATABASE_URL', 'LOG_LEVEL', 'REDIS_URL', 'SESSION_KEY', 'SMTP_PASSWORD', 'STRIPE_SECRET_KEY']
  const bundles = ['api/dev', 'api/staging', 'api/prod', 'web/dev']
  const plain = bundles.flatMap((bundle, b) =>
    variables.map((name, v) => sampleEntry(bundle, name, { updated: now() - (b * 7 + v) * DAY, versions: 1 + ((b + v) % 4) })),
  )
  return [
    ...plain.filter(({ id }) => !ABSENT.has(id)).map((entry) => special(entry)),
    sampleEntry('api/dev', 'DEBUG_TOOLBAR'),
    sampleEntry('api/prod', 'deploy-key', { kind: 'key', fields: ['private', 'public'], tags: ['ssh'], updated: now() - 3600 }),
    sampleEntry('api/prod', 'tls', {
      kind: 'certificate',
      fields: ['certificate', 'private', 'chain'],
      metadata: { ...none, expires: now() + 5 * DAY, owner: 'carol' },
    }),
    sampleEntry('home/personal', 'registrar', {
      kind: 'login',
      fields: ['password', 'username', 'url'],
      tags: ['domains'],
      has_note: true,
    }),
    sampleEntry('home/personal', 'registrar-code', { kind: 'one-time-password', fields: ['secret'] }),
    sampleEntry('home/personal', 'router', { kind: 'note', fields: ['text'] }),
    sampleEntry('home/personal', 'licence', { kind: 'file', fields: ['content', 'filename'] }),
    sampleEntry('web/dev', 'A_VERY_LONG_NAME_THAT_SOMEBODY_ONCE_FOUND_NECESSARY_FOR_THE_THIRD_PARTY_ANALYTICS_WEBHOOK_SECRET', {
      tags: ['analytics', 'third-party', 'webhook', 'to-be-renamed', 'nobody-knows-why'],
      metadata: {
        ...none,
        purpose: 'Signs what the analytics service posts to us, once a minute, for every customer that has not opted out of it.',
      },
    }),
  ]
}

/** What makes environments differ in what they have at all. */
const ABSENT = new Set(['api/staging/SMTP_PASSWORD', 'api/prod/LOG_LEVEL'])

/** Values that differ from one environment to another; all others are the same everywhere. */
export function sampleValues(): Map<string, string> {
  const values = new Map<string, string>()
  for (const bundle of ['api/dev', 'api/staging', 'api/prod', 'web/dev']) {
    values.set(`${bundle}\nDATABASE_URL\nvalue`, `postgres://${bundle.replace('/', '-')}.db.internal/app`)
    values.set(`${bundle}\nSESSION_KEY\nvalue`, bundle === 'api/prod' ? 'k3Jf90sLmq1xZ' : 'only-for-tests')
    values.set(`${bundle}\nLOG_LEVEL\nvalue`, bundle === 'api/dev' ? 'debug' : 'info')
  }
  values.set('home/personal\nregistrar\nurl', 'https://registrar.example/login')
  values.set('home/personal\nregistrar\nusername', 'ann@example.org')
  values.set('home/personal\nrouter\ntext', 'Under the stairs.\nThe second one from the left.')
  return values
}

function special(entry: EntryView): EntryView {
  if (entry.id === 'api/prod/DATABASE_URL') {
    return {
      ...entry,
      tags: ['postgres', 'primary'],
      metadata: { ...none, purpose: 'The main database', owner: 'bob', rotate_every_days: 90 },
    }
  }
  if (entry.id === 'api/prod/STRIPE_SECRET_KEY') {
    return { ...entry, updated: now() - 200 * DAY, metadata: { ...none, rotate_every_days: 180, owner: 'ann' } }
  }
  if (entry.id === 'api/staging/REDIS_URL') return { ...entry, conflict: true }
  return entry
}

/** A vault far larger than most. */
export function manyEntries(count: number): EntryView[] {
  const kinds: Kind[] = ['variable', 'login', 'key']
  const digits = String(count).length
  return Array.from({ length: count }, (_, index) =>
    sampleEntry(`project${index % 50}/dev`, `SECRET_${String(index).padStart(digits, '0')}`, {
      kind: kinds[index % kinds.length] ?? 'variable',
      tags: index % 10 === 0 ? ['tenth'] : [],
      updated: 1_700_000_000 + index,
    }),
  )
}

export function sampleWords(): string[] {
  const words =
    'amber basin cedar delta ember fable glade harbor island jungle kettle lantern meadow nectar olive pepper quartz ribbon saddle timber umbrella velvet willow zephyr'
  return words.split(' ')
}

export function askedSample(id: number, more: Partial<AskedView> = {}): AskedView {
  const wants = { values: true, operation: 'run', bundle: 'api/prod', names: [], count: 0, about: ['python3'], may_last: true }
  return { id, program: 'sealfold', started_by: 'python3', pid: 4711, terminal: 'pts/3', wants, since: now() - 2, ...more }
}
