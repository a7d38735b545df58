// Remotes, conflicts, findings, the audit.

export const sync = {
  'location.label': 'Where it syncs',
  'location.git': 'Git',
  'location.s3': 'S3 bucket',
  'location.folder': 'Folder',
  'location.hint': 'Git and S3 are asked with the credentials that this computer has already. An address never holds any.',
} as const
