// Entries, bundles, environments, the generator.

export const entries = {} as const
