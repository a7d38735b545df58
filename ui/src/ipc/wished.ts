// What the window asks beyond the table that is generated so far.

declare module './types' {
  interface Commands {
    stop_sync: { ask: Record<symbol, never>; answer: null }
  }
}

export {}
