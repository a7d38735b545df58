// Text of a .env that was dropped or pasted on the window.

const LOOKS_LIKE_ENV = /^\s*(export\s+)?[A-Za-z_][\w.-]*\s*=/m
/** A larger one is some other file. */
const LARGEST = 1_000_000

export function looksLikeEnv(text: string): boolean {
  return LOOKS_LIKE_ENV.test(text)
}

/** The text of a dropped file, or nothing where it is too large to be a .env. */
export async function envOf(file: File): Promise<string | null> {
  return file.size > LARGEST ? null : file.text()
}
