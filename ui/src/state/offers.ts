// What the palette offers: entries, bundles and what can be done with each, actions, lists, pages,
// environments side by side, and how the window looks. Everything by a few letters of its words.

import { LANGUAGES, type PlainKey, t } from '../i18n/index.svelte'
import type { IconName } from '../parts/Icon.svelte'
import type { App } from './app.svelte'
import { bundleActions } from './bundle_actions'
import { projectOf } from './environments'
import { type Action, ACTION_NAMES, KEYS } from './shortcuts'
import { best } from './search'
import { THEMES } from './theme'
import type { SmartList, Vault } from './vault.svelte'

export interface Offer {
  id: string
  text: string
  icon?: IconName
  /** Whether the text is a name that somebody gave. */
  isName?: boolean
  /** A name that stands beside the text. */
  beside?: string
  /** The language of the text, where that is not the window's. */
  lang?: string
  action?: Action
  run: () => void
}

const ACTIONS: Action[] = ['copy', 'reveal', 'edit', 'remove', 'new_entry', 'import', 'search', 'lock', 'help']
const NEED_ENTRY = new Set<Action>(['copy', 'reveal', 'edit', 'remove'])
const LISTS: [SmartList, PlainKey][] = [
  ['all', 'list.all'],
  ['recent', 'list.recent'],
  ['due', 'list.due'],
  ['conflicts', 'list.conflicts'],
]
const PAGES = [
  ['team', 'team'],
  ['sync', 'sync'],
  ['audit', 'audit'],
  ['generator', 'generator'],
  ['settings', 'settings'],
] as const
const MOST = { entries: 12, bundles: 8, done: 6 }

/** In the order in which they are shown. Without a query, only what can be done right now and where one can go. */
export function offers(app: App, vault: Vault, query: string, perform: (action: Action) => void): Offer[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (...texts: string[]) => {
    const text = texts.join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const searched = words.length > 0
  const bundles = searched ? bundlesFor(vault, fits) : []
  const entries = searched ? entriesFor(vault, query) : []
  // Who types the name of a bundle means it, and not what lies in it.
  const first = bundles.some((bundle) => bundle.text.toLowerCase().startsWith(words.join(' ')))
  const found = first ? [...bundles, ...entries] : [...entries, ...bundles]
  const ways = [...actionsFor(vault, perform), ...places(vault)].filter((offer) => fits(offer.text, offer.beside ?? ''))
  const rest = searched ? [...doneWith(app, vault, fits), ...looks(app).filter((offer) => fits(offer.text))] : []
  return [...found, ...ways, ...rest]
}

function entriesFor(vault: Vault, query: string): Offer[] {
  return best(vault.find(query), query, MOST.entries).map((entry) => ({
    id: `entry ${entry.id}`,
    text: entry.name,
    icon: entry.kind,
    isName: true,
    beside: entry.bundle,
    run: () => vault.reveal(entry),
  }))
}

function bundlesFor(vault: Vault, fits: (text: string) => boolean): Offer[] {
  const bundles = vault.writable.filter((bundle) => fits(bundle.name)).slice(0, MOST.bundles)
  return bundles.map(({ id, name }) => ({
    id: `bundle ${id}`,
    text: name,
    icon: 'bundle',
    isName: true,
    run: () => vault.open({ bundle: name }),
  }))
}

function actionsFor(vault: Vault, perform: (action: Action) => void): Offer[] {
  const onEntry = vault.selected !== null && vault.place.is === 'entries'
  const possible = ACTIONS.filter((action) => onEntry || !NEED_ENTRY.has(action))
  return possible.map((action) => ({
    id: `action ${action}`,
    text: t(ACTION_NAMES[action]),
    ...ofEntry(vault, action),
    action,
    run: () => perform(action),
  }))
}

/** What is done to an entry says to which. */
function ofEntry(vault: Vault, action: Action): { beside?: string } {
  return vault.selected && NEED_ENTRY.has(action) ? { beside: vault.selected.name } : {}
}

function places(vault: Vault): Offer[] {
  const projects = [...new Set(vault.writable.map((bundle) => projectOf(bundle.name)))].filter(Boolean)
  return [
    ...LISTS.map(([list, label]): Offer => ({
      id: `list ${list}`,
      text: t(label),
      icon: list,
      run: () => vault.open({ smart: list }),
    })),
    ...(vault.teams.shared.length > 0
      ? [{ id: 'list exposed', text: t('list.exposed'), icon: 'exposed', run: () => vault.go({ is: 'exposed' }) } as const]
      : []),
    ...PAGES.map(([is, icon]): Offer => ({ id: `page ${is}`, text: t(`page.${is}`), icon, run: () => vault.go({ is }) })),
    ...projects.map((project): Offer => ({
      id: `matrix ${project}`,
      text: t('bundle.matrix'),
      icon: 'matrix',
      beside: project,
      run: () => vault.go({ is: 'matrix', project }),
    })),
  ]
}

/** What can be done with a bundle, where both its name and what is done were asked for. */
function doneWith(app: App, vault: Vault, fits: (...texts: string[]) => boolean): Offer[] {
  const made: Offer[] = [
    { id: 'new bundle', text: t('action.new_bundle'), icon: 'add', run: () => (app.dialog = { is: 'new_bundle' }) },
    { id: 'archived', text: t('archived.title'), icon: 'archive', run: () => (app.dialog = { is: 'archived' }) },
  ]
  const done: Offer[] = []
  for (const { id, name } of vault.writable) {
    if (done.length >= MOST.done) break
    for (const item of bundleActions(app, vault, name)) {
      if (fits(item.text, name))
        done.push({
          id: `${item.text} ${id}`,
          text: item.text,
          ...(item.icon && { icon: item.icon }),
          beside: name,
          run: item.onselect,
        })
    }
  }
  return [...made.filter((offer) => fits(offer.text)), ...done.slice(0, MOST.done)]
}

function looks(app: App): Offer[] {
  const change = (part: Parameters<App['preferences']['change']>[0]) => () =>
    void app.notices.attempt(() => app.preferences.change(part))
  return [
    ...THEMES.map((theme) => ({ id: `theme ${theme}`, text: t(`theme.${theme}`), run: change({ theme }) })),
    ...Object.entries(LANGUAGES).map(([tag, name]) => ({
      id: `language ${tag}`,
      text: `${t('palette.language')}: ${name}`,
      lang: tag,
      run: change({ language: tag }),
    })),
  ]
}

/** How a key is written beside its action. */
export const keyOf = (action: Action): string => KEYS[action][0]
