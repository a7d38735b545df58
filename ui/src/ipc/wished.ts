// What the window asks beyond the table that is generated so far.

export interface Settings {
  theme: 'system' | 'light' | 'dark' | 'contrast'
  /** A tag such as `de`; as the system when absent. */
  language: string | null
  /** 1 to 240. */
  lock_after_minutes: number
  lock_on_sleep: boolean
  lock_on_screen_lock: boolean
  /** 5 to 120. */
  clipboard_seconds: number
  /** Such as `Ctrl+Shift+Space`; off when absent. */
  quick_shortcut: string | null
  tray: boolean
}

declare module './types' {
  interface Commands {
    settings: { ask: Record<symbol, never>; answer: Settings }
    save_settings: { ask: Settings; answer: Settings }
    stop_sync: { ask: Record<symbol, never>; answer: null }
    open_other: { ask: { path: string }; answer: StatusView }
    choose_path: { ask: { save: boolean; name?: string | null; title?: string | null }; answer: string | null }
  }
}
