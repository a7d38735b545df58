// What the window asks beyond the table that is generated so far.

export type { Settings } from './types'

declare module './types' {
  interface Commands {
    stop_sync: { ask: Record<symbol, never>; answer: null }
  }
}
