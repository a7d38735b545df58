// Which key does what. The handler, the palette and the list of shortcuts all read this table.

import { type PlainKey, t } from '../i18n/index.svelte'

/** `mod` is Ctrl, and Cmd on a Mac. The last part is the key as the event names it. */
export const KEYS = {
  palette: ['mod+k'],
  search: ['mod+f', '/'],
  copy: ['mod+c'],
  reveal: ['r'],
  next: ['ArrowDown', 'j'],
  previous: ['ArrowUp', 'k'],
  first: ['Home'],
  last: ['End'],
  new_entry: ['mod+n'],
  edit: ['e'],
  remove: ['Delete'],
  import: ['mod+i'],
  lock: ['mod+l'],
  help: ['mod+/', '?'],
  larger: ['mod++', 'mod+='],
  smaller: ['mod+-'],
  normal: ['mod+0'],
  close: ['Escape'],
} as const satisfies Record<string, readonly string[]>

export type Action = keyof typeof KEYS

/** What holds on every screen, dialogs open or not. */
export const EVERYWHERE: ReadonlySet<Action> = new Set(['larger', 'smaller', 'normal'])

export const ACTION_NAMES: Record<Action, PlainKey> = {
  palette: 'action.palette',
  search: 'action.search',
  copy: 'action.copy',
  reveal: 'action.reveal',
  next: 'action.next',
  previous: 'action.previous',
  first: 'action.first',
  last: 'action.last',
  new_entry: 'action.new_entry',
  edit: 'action.edit',
  remove: 'action.remove',
  import: 'action.import',
  lock: 'action.lock',
  help: 'action.help',
  larger: 'action.larger',
  smaller: 'action.smaller',
  normal: 'action.normal',
  close: 'action.close',
}

/** What a key press asks for. Keys without Ctrl mean nothing where text is typed, arrows excepted. */
export function actionOf(event: KeyboardEvent): Action | null {
  const mod = event.ctrlKey || event.metaKey
  if (event.altKey || event.isComposing) return null
  const pressed = (mod ? 'mod+' : '') + (event.key.length === 1 ? event.key.toLowerCase() : event.key)
  const action = (Object.keys(KEYS) as Action[]).find((one) => (KEYS[one] as readonly string[]).includes(pressed))
  if (!action) return null
  const typing = isTyped(event.target)
  const alsoWhileTyping = mod || pressed === 'ArrowDown' || pressed === 'ArrowUp' || pressed === 'Escape'
  return typing && !alsoWhileTyping ? null : action
}

function isTyped(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable]')
}

/** Whether the person has marked text, which Ctrl+C then means. */
export function hasMarkedText(): boolean {
  const focused = document.activeElement
  if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement) {
    return focused.selectionStart !== focused.selectionEnd
  }
  return (document.getSelection()?.toString() ?? '') !== ''
}

const SIGNS: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', Delete: 'Del' }

/** A key as it is written on the keyboard. */
export function written(key: string, mac = navigator.platform.startsWith('Mac')): string {
  return key
    .split('+')
    .map((part) => (part === 'mod' ? (mac ? '⌘' : t('shortcuts.control')) : (SIGNS[part] ?? part.toUpperCase())))
    .join(mac ? '' : '+')
}
