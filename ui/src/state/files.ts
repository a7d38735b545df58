// Files that a person chose, read into a form. None is kept.

import type { Plaintext } from '../ipc/types'

/** A larger one is hardly a secret. */
export const LARGEST_FILE = 4_000_000

/** What a file holds, as the program takes it: text, or the numbers of its bytes where it is none. */
export async function contentOf(file: File): Promise<Plaintext> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // The program's own type takes both; the generated one knows text only.
    return [...bytes] as unknown as Plaintext
  }
}

export function isText(content: Plaintext): boolean {
  return typeof content === 'string'
}
