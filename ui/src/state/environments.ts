// What a bundle's name says: its project, its environment, and whether people out there depend on it.

/** What stands before the last slash, the team included where it is named. */
export function projectOf(bundle: string): string {
  return bundle.slice(0, Math.max(0, bundle.lastIndexOf('/')))
}

export function environmentOf(bundle: string): string {
  return bundle.slice(bundle.lastIndexOf('/') + 1)
}

/** Whether a mistake there is felt by others: it is marked, and asked about twice. */
export function isProduction(bundle: string): boolean {
  return /^(prod|production|live)([-_.\d]|$)/i.test(environmentOf(bundle))
}
