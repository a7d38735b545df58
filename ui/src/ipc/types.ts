// Written by `cargo xtask generate` from the program's own types. Times are Unix seconds.

export type AccessView = {
  /** The bundle. */
  bundle: string,
  /** The member. */
  member: string,
  /** The member's id, hex. */
  member_id: string,
  /** Their role. */
  role: string,
  /** Whether they may read it now. A former holder keeps keys of earlier epochs. */
  now: boolean,
  /** Whether they may write it now. */
  writes: boolean,
  /** How many of its keys they were ever given. */
  keys: number, };

export type AgentView = {
  /** Process id. */
  pid: number,
  /** Its socket. */
  socket: string,
  /** Unix seconds of its start. */
  since: number,
  /** Unix seconds at which it locks at the latest. */
  until: number | null,
  /** Seconds without a request after which it locks; never when absent. */
  idle_seconds: number | null,
  /** Whether it locks when the machine has slept. Not where the system does not tell of sleep. */
  locks_after_sleep: boolean,
  /** How its memory is guarded. */
  guards: Guards, };

export type AskedView = {
  /** Its number, for [`Decide`]. */
  id: number,
  /** What the program calls itself. */
  program: string,
  /** What the program that started it calls itself. */
  started_by: string | null,
  /** Process id; 0 when unknown. */
  pid: number,
  /** The terminal: `pts/3`. None for what runs without one, such as an editor. */
  terminal: string | null,
  /** What it wants. */
  wants: Wants,
  /** Unix seconds at which it asked. */
  since: number, };

export type AuditView = {
  /** Place in the chain, from 1. */
  index: number,
  /** Unix seconds. */
  at: number,
  /** Host name. */
  host: string,
  /** User name on that host. */
  user: string,
  /** The process that asked: its id and program. */
  process: string,
  /** Device id, hex. */
  device: string,
  /** What was done. */
  operation: string,
  /** On which bundle, when on one. */
  bundle: string | null,
  /** On which names; the first hundred. */
  names: Array<string>,
  /** How many. */
  count: number,
  /** The program that was started, the format, the file: what helps to trace it. */
  detail: string | null,
  /** The fault's code when it failed. */
  failure: Code | null, };

export type BackupView = {
  /** Where it lies. */
  path: string,
  /** Vault id, hex. */
  vault: string,
  /** Commits in it. */
  counter: number,
  /** Entries in it. */
  entries: number,
  /** Size in bytes. */
  bytes: number,
  /** Where the vault that was in its place went, when one was. */
  moved_aside: string | null,
  /** Those it is encrypted to, by name or key, of one that was just written. */
  to: Array<string>, };

export type BundleView = {
  /** Bundle id, hex. */
  id: string,
  /** The team it belongs to. */
  team: string,
  /** `project/environment`, with the team before it where that alone would not find it. */
  name: string,
  /** Whether it is shared with this member; who only knows of a bundle can't read it. */
  shared: boolean,
  /** Names of those who can read it, this member among them. */
  members: Array<string>,
  /** Number of entries. */
  entries: number,
  /** Whether it is archived. */
  archived: boolean,
  /** Unix seconds, by its author's clock. */
  created: number,
  /** Id of the key that new versions are sealed under, hex. */
  epoch: string,
  /** The escape file that is kept of it here, if one is. */
  escape: EscapeView | null, };

export type Change = "created" | "changed" | "same";

export type Check = {
  /** What was looked at, a stable word for scripts. */
  name: string,
  /** How it stands. */
  state: CheckState,
  /** One sentence. */
  sentence: string,
  /** What to do, when something is to be done. */
  next: string | null,
  /** The class of what is wrong, when it is bad. */
  failure: Code | null, };

export type CheckState = "ok" | "warning" | "bad";

export type ChosenFile = {
  /** For the command that it was chosen for, once. */
  ticket: number,
  /** To be shown. */
  path: string, };

export type Code = "unexpected" | "usage" | "aborted" | "not_found" | "locked" | "wrong_key" | "integrity" | "findings" | "conflict" | "not_allowed" | "remote" | "io";

export type ConflictView = {
  /** Its bundle. */
  bundle: string,
  /** Its name. */
  name: string,
  /** What all sides come from, if there is such a version. */
  base: SideView | null,
  /** The sides, the one that readers are given first. */
  sides: Array<SideView>, };

export type Copied = { seconds: number, };

export type DeviceLinkView = {
  /** The text to carry to the new device. */
  text: string,
  /** Where the new device will look. */
  remote: string, };

export type DeviceView = {
  /** Device id, hex. */
  id: string,
  /** Its name. */
  name: string,
  /** Whose it is. */
  member: string,
  /** Whether it is this one. */
  this: boolean,
  /** Whether it is the recovery key. */
  recovery: boolean,
  /** Whether it stands; revoked ones don't. */
  stands: boolean,
  /** Whether it is one's own and was added before this one: then only the recovery words stop what
   * it signs without having seen that it is revoked. */
  earlier: boolean,
  /** Unix seconds, by its author's clock. */
  added: number,
  /** Unix seconds of its last sign of life, by its own clock. */
  last_seen: number | null, };

export type DoctorReport = {
  /** In the order in which they were made. */
  checks: Array<Check>, };

export type DueView = { "is": "member_key",
  /** Names of those whose sync can do it; nobody's can when empty. */
  by: Array<string>, } | { "is": "log_key",
  /** As above. */
  by: Array<string>, } | { "is": "bundle_key",
  /** Its name; absent where it was never told. */
  bundle: string | null,
  /** As above. */
  by: Array<string>, } | { "is": "token",
  /** Name of the service. */
  service: string,
  /** Name of the device. */
  device: string, };

export type EntryRef = { "named": {
    /** `project/environment`. */
    bundle: string | null,
    /** Name. */
    name: string, } } | { "reference": string };

export type EntryView = {
  /** Entry id, hex. */
  id: string,
  /** `project/environment`. */
  bundle: string,
  /** Name. */
  name: string,
  /** Kind. */
  kind: Kind,
  /** Names of its fields; values never. */
  fields: Array<string>,
  /** Tags. */
  tags: Array<string>,
  /** Everything else that is no value. */
  metadata: Metadata,
  /** Whether there is a remark, which `note` reveals. */
  has_note: boolean,
  /** Unix seconds of the current version, by its author's clock. */
  updated: number,
  /** Versions so far. */
  versions: number,
  /** Whether several versions, or several entries of this name, stand side by side. */
  conflict: boolean,
  /** The device that sealed its content, where that does not open: its name is its id then, and
   * nothing else is known of it. */
  unreadable?: string | null, };

export type EnvironmentView = {
  /** `project/environment`, as other requests take it. */
  bundle: string,
  /** The environment alone. */
  environment: string, };

export type EscapeView = {
  /** The bundle. */
  bundle: string,
  /** Where it lies. */
  path: string,
  /** Who opens it as it is now, by name or key. */
  to: Array<string>,
  /** Members who were named and can't be encrypted to now: out of the bundle, or with a key that
   * is about to change. */
  without: Array<string>,
  /** Unix seconds at which it was written last. */
  written: number | null,
  /** Entries that are not in it: no variables, or what no `.env` file can hold. */
  left_out: number,
  /** Why it is not up to date, if it isn't: a sentence. */
  trouble: string | null, };

export type Export = {
  /** Which entries. */
  selection: Selection,
  /** `dotenv`, `shell` or `json`. */
  format: string,
  /** Encrypted to these: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or names of members. In plain
   * when empty. */
  to: Array<string>,
  /** Encrypted, as text instead of bytes. */
  armored: boolean, };

export type ExportedTo = {
  /** Names that are in it. */
  names: Array<string>,
  /** Those who can open it; empty for plaintext. */
  to: Array<string>, warnings: Array<string>, };

export type ExposedView = {
  /** Its bundle. */
  bundle: string,
  /** Name of the entry. */
  name: string,
  /** Number of the version, from 1. */
  version: number,
  /** Who could read it. */
  to: Array<string>,
  /** Who answers for the secret, where its metadata say so. */
  owner: string | null,
  /** `needs_rotation`, `rotated` or `settled`; or `in_use`, by those who have a right to it. */
  state: string,
  /** Why it needs no rotation, and who says so. */
  reason: string | null,
  /** Whether reads published to this member say that they read it: `yes`, `no` or `unknown`. */
  was_read: string,
  /** Unix seconds: when they read it last, as far as is known. */
  read_at?: number | null,
  /** Unix seconds: up to then they had not, and their devices had published all that they read. */
  not_read_until?: number | null, };

export type Fault = {
  /** The class, permanent. */
  code: Code,
  /** One sentence that says what happened. Safe to log: it holds no name and no value. */
  message: string,
  /** What it happened to, for the person's eyes only: a name, a path. Never logged. */
  subject: string | null,
  /** What to do next, when there is something to do. */
  next: string | null, };

export type FieldOf = { bundle: string, name: string, field: string,
  /** Counted from 1, the oldest; the current one when absent. */
  version?: number | null, };

export type FindingKind = "rollback" | "withheld" | "equivocation" | "fork" | "stale" | "bad_object" | "stray" | "unreadable" | "altered" | "new_device";

export type FindingView = {
  /** The team. */
  team: string,
  /** By what it is named, hex: the same finding has the same. */
  id: string,
  /** What it is. */
  kind: FindingKind,
  /** What happened, in a sentence that names device and place. */
  sentence: string,
  /** What to do, for the terminal. The window says it in its own languages, by `kind` and `own_device`. */
  next: string,
  /** Device id, hex, where it is about one. */
  device: string | null,
  /** Name of that device, where it is known. */
  device_name: string | null,
  /** Whether it is one of this member's own. */
  own_device: boolean,
  /** Place in that device's chain. */
  seq: number | null,
  /** Name of the remote's object that it is about. */
  object: string | null,
  /** Unix seconds at which it was first seen here. */
  since: number,
  /** Unix seconds at which a person said that they know of it: from then on no command fails
   * because of it. */
  acknowledged: number | null, };

export type Fingerprint = {
  /** Who. */
  member: string,
  /** Hex digits in groups of four, the same for everyone who has their right key. */
  words: string,
  /** Whether it counts as compared now. */
  verified: boolean, };

export type Guard = "on" | { "off": string };

export type Guards = {
  /** Memory is locked, so that keys are not swapped out. */
  memory_locked: Guard,
  /** Core dumps are off. */
  core_dumps_off: Guard,
  /** No other process of this user may trace it or read its memory. */
  tracing_off: Guard, };

export type HistoryView = {
  /** Entry id, hex. */
  id: string,
  /** `project/environment`. */
  bundle: string,
  /** Its name now, or its last one. */
  name: string,
  /** Oldest first. */
  versions: Array<VersionView>, };

export type ImportRemark = {
  /** Line, from 1. */
  line: number,
  /** The name on it, when it has one. */
  name: string | null,
  /** Whether something of the line was not kept. */
  lost: boolean,
  /** One sentence, without the value. */
  sentence: string, };

export type ImportReport = {
  /** `project/environment`. */
  bundle: string,
  /** Whether the bundle was made. */
  bundle_created: boolean,
  /** The dialect it was read in. */
  dialect: string,
  /** Whether it came out of an age file, which shows nobody's word. */
  unverified: boolean,
  /** Every name, in the file's order. */
  entries: Array<ImportedEntry>,
  /** Lines that could not be kept, and lines worth a word. Any loss makes the exit code 14. */
  remarks: Array<ImportRemark>, };

export type ImportedEntry = {
  /** Name. */
  name: string,
  /** What happened to it. */
  change: Change, };

export type InvitationText = { text: string, team: string, role: string,
  /** Unix seconds. */
  expires: number,
  /** Where the newcomer will look. */
  remote: string, };

export type Joining = {
  /** Team id, hex. */
  team: string,
  /** The role that the invitation is for. */
  role: string,
  /** What to read to the approver, ten words. */
  words: string,
  /** Device that invites, hex: its fingerprint. */
  inviter: string,
  /** Where the request went. */
  remote: string,
  /** Why it is not there yet, if it isn't; the next sync tries again. */
  failure: Fault | null, };

export type Key = { "passphrase": Plaintext } | "keychain" | { "recovery_words": Plaintext };

export type Kind = "variable" | "login" | "key" | "certificate" | "file" | "note" | "one-time-password";

export type LeftOut = {
  /** Name; the id of an entry that can't be opened. */
  name: string,
  /** Why it is left out, a part of a sentence. */
  why: string, };

export type LinkAnswer = {
  /** The text to carry back. No secret. */
  answer: string,
  /** The words to type on the other device. */
  words: string,
  /** Team id, hex. */
  team: string, };

export type MadeUp = { value: string,
  /** Whole bits of entropy. */
  bits: number, };

export type MatrixCell = {
  /** Cells of one row with the same number hold the same kind and fields. From 1, in the order of
   * the columns; a number says nothing beyond its row. */
  group: number,
  /** Kind. */
  kind: Kind,
  /** Unix seconds of the current version. */
  updated: number,
  /** Whether several versions stand side by side; the newest is compared. */
  conflict: boolean, };

export type MatrixRow = {
  /** Name. */
  name: string,
  /** One for each column; none where the environment has no entry of the name. */
  cells: Array<MatrixCell | null>, };

export type MatrixView = {
  /** The team. */
  team: string,
  /** The project. */
  project: string,
  /** The columns: bundles that are shared with this member, in the order of their names. */
  environments: Array<EnvironmentView>,
  /** Names of environments that are not shared with this member: what they hold is not known. */
  not_shared: Array<string>,
  /** The rows: every name, in the order of names. */
  rows: Array<MatrixRow>,
  /** What is worth saying. */
  warnings: Array<string>, };

export type MemberView = {
  /** Member id, hex. */
  id: string,
  /** The team. */
  team: string,
  /** Name. */
  name: string,
  /** Role, `none` for a former member. */
  role: string,
  /** Whether it is this vault's member. */
  own: boolean,
  /** Whether somebody compared their current key with them. */
  verified: boolean,
  /** Bundles shared with them. */
  bundles: Array<string>,
  /** Devices that stand. */
  devices: number,
  /** Unix seconds of the last sign of life, by their clock. */
  last_seen: number | null,
  /** What age files for them are encrypted to, `age1…`: nothing until their devices said it, and
   * for former members. */
  age_recipient: string | null, };

export type Metadata = {
  /** What it is for. */
  purpose: string | null,
  /** Who answers for it. */
  owner: string | null,
  /** Unix seconds after which it should not be used. */
  expires: number | null,
  /** Days between rotations. */
  rotate_every_days: number | null,
  /** Where it came from: imported, moved, restored. */
  lineage: string | null,
  /** A remark. As secret as a value: lists leave it out, and `note` reveals it like a field. */
  note: string | null, };

export type NewKeys = {
  /** As in [`Init`]. */
  passphrase: Plaintext,
  /** As in [`Init`]. */
  keychain: boolean,
  /** As in [`Init`]. */
  unlock_millis: number | null, };

export type NewValue = { "given": Plaintext } | { "generate": {
    /** 8 to 1024. */
    length: number,
    /** Punctuation that no shell or dotenv reader treats specially is used too. */
    symbols: boolean, } };

export type NewVault = { warnings: Array<string>, };

export type NewWords = { words: Array<string>,
  /** Team id, hex: to be kept with them. */
  team: string,
  /** Genesis op id, hex: to be kept with them. */
  genesis: string, };

export type OpenStatus = {
  /** Team id, hex. */
  team: string,
  /** Name of the member. */
  member: string,
  /** Device id, hex. */
  device: string,
  /** Name of the device. */
  device_name: string,
  /** Bundles that are not archived. */
  bundles: number,
  /** Entries in them. */
  entries: number,
  /** Commits so far. */
  counter: number,
  /** Whether this device may sign: `enrolled`, or why it must enrol anew. */
  standing: string,
  /** The anchor: `same`, `new`, `absent`, `unreadable`, `rolled_back`. */
  anchor: string,
  /** Rows in the audit. */
  audit_rows: number,
  /** Whether the whole file was checked against its root at unlock. */
  fully_checked: boolean,
  /** Why the newest commits are not safe yet, on disk and by an anchor that knows of them. Tried
   * again after each request. */
  flush_failure: string | null,
  /** Escape files that are kept here. */
  escapes: Array<EscapeView>,
  /** What is wrong with the teams' remotes or with what others wrote, until it is resolved. */
  findings: Array<FindingView>,
  /** Teams whose stored ops do not add up, by the first digits of their ids. */
  unreadable_teams: Array<string>, };

export type Plaintext = string;

export type PolicyView = {
  /** The team. */
  team: string,
  /** 0 for never. */
  stale_after_days: number,
  /** As in [`SetPolicy`]. */
  require_verified: boolean, };

export type ProgressView = {
  /** Objects that were fetched. */
  fetched: number,
  /** Objects that are to be fetched, as far as is known. */
  of: number,
  /** Ops that were taken in. */
  received: number,
  /** Ops that were sent. */
  sent: number, };

export type Promoted = {
  /** From which bundle, by its full name. */
  from: string,
  /** The bundle that is written, by its full name. */
  to: string,
  /** Every entry, in the order of names. */
  entries: Array<PromotedEntry>,
  /** What is worth saying. */
  warnings: Array<string>, };

export type PromotedEntry = {
  /** Name. */
  name: string,
  /** Kind. */
  kind: Kind,
  /** What happened to it in the environment that is written. */
  change: Change, };

export type QuarantineView = {
  /** Op id, hex. */
  op: string,
  /** The bundle. */
  bundle: string,
  /** Names of the entries that it changes. */
  names: Array<string>,
  /** Who wrote it. */
  member: string,
  /** With which device. */
  device: string,
  /** Unix seconds, by the author's clock. */
  at: number, };

export type RawEnvChange = "created" | "changed" | "removed" | "same";

export type RawEnvEntry = {
  /** Name. */
  name: string,
  /** What happened to it. */
  change: RawEnvChange, };

export type RawEnvSaved = {
  /** `project/environment`. */
  bundle: string,
  /** Every name: in the order of the text, then those that are gone from it. */
  entries: Array<RawEnvEntry>,
  /** Lines that can't be kept, and lines worth a word. */
  remarks: Array<ImportRemark>, };

export type RawText = { bundle: string, text: string,
  /** `save_raw_env` wants it back. */
  made_from: string,
  /** Names that are in it. */
  names: Array<string>, left_out: Array<LeftOut>, warnings: Array<string>, };

export type Recipe = { "characters": {
    /** 8 to 1024. */
    length: number,
    /** Punctuation that no shell or dotenv reader treats specially is used too. */
    symbols: boolean, } } | { "words": {
    /** 4 to 64. */
    count: number, } };

export type Recovered = {
  /** Whether the passphrase was replaced. */
  passphrase_changed: boolean,
  /** Whether a new device was enrolled, the earlier one revoked and the member key rotated. */
  enrolled: boolean,
  /** What is worth saying. */
  warnings: Array<string>, };

export type RecoveredTeam = {
  /** What it is called. */
  team: string,
  /** Its id, hex. */
  team_id: string,
  /** The member that this machine belongs to. */
  member: string,
  /** Their role. */
  role: string,
  /** Bundles that they can read. */
  bundles: number,
  /** Earlier devices that were revoked. */
  revoked: Array<string>,
  /** Why the remote has not heard of it yet; the next sync tries again. */
  failure: Fault | null,
  /** What is worth saying. */
  warnings: Array<string>, };

export type RemoteView = {
  /** The team. */
  team: string,
  /** Where it is, in its canonical form. */
  location: string,
  /** `git`, `s3` or `folder`. */
  kind: string,
  /** Unix seconds of the last sync that came to its end. */
  last_sync: number | null,
  /** Whether this member was removed from the team, or this device revoked. */
  out: boolean,
  /** The first digits of what members, rights and devices come to, hex: two members who have synced see
   * the same. */
  head: string,
  /** Why the newest sync did not come to its end, if it did not: a sentence. */
  trouble: string | null,
  /** Ops that wait to be pushed. */
  to_push: number,
  /** Findings that are not resolved. */
  findings: number,
  /** After a move: services whose values this device can't bring to the new place, because others sign
   * for them. */
  services?: Array<string>, };

export type Removed = {
  /** Who was removed. */
  member: MemberView,
  /** What they could read and is still in use. */
  exposed: Array<ExposedView>, };

export type RequestView = {
  /** Its id, hex. */
  id: string,
  /** The team. */
  team: string,
  /** How the newcomer wants to be called. Anybody can claim any name: compare the words. */
  name: string,
  /** What they call their device. */
  device_name: string,
  /** The role that the invitation is for. */
  role: string,
  /** Who invited. */
  invited_by: string,
  /** Unix seconds at which the invitation ends. */
  expires: number,
  /** The safety words that the newcomer must read. */
  words: string,
  /** Whether the words have to be compared before approving. */
  must_compare: boolean,
  /** A member whose other name a person can't tell from this one, with the beginning of the id. */
  looks_like?: string | null,
  /** For whom the invitation was, where it was made in this vault and for somebody by name. */
  invited: string | null, };

export type Return = {
  /** The team. */
  team: string,
  /** The text to send. No secret. */
  text: string,
  /** The words to read to the approver. */
  words: string,
  /** The devices that return. */
  devices: Array<string>, };

export type Revoked = {
  /** Devices that it had added, and those that they had: revoked too, unless that was not wanted. */
  added_by_it: Array<DeviceView>,
  /** Device id, hex. */
  id: string,
  /** Its name. */
  name: string,
  /** Whose it is. */
  member: string,
  /** Whether it is this one. */
  this: boolean,
  /** Whether it is the recovery key. */
  recovery: boolean,
  /** Whether it stands; revoked ones don't. */
  stands: boolean,
  /** Whether it is one's own and was added before this one: then only the recovery words stop what
   * it signs without having seen that it is revoked. */
  earlier: boolean,
  /** Unix seconds, by its author's clock. */
  added: number,
  /** Unix seconds of its last sign of life, by its own clock. */
  last_seen: number | null, };

export type Saved = {
  /** Entry id, hex. */
  id: string,
  /** `project/environment`. */
  bundle: string,
  /** Name. */
  name: string,
  /** Number of the version now current. */
  version: number,
  /** What happened. */
  change: Change,
  /** What is worth saying. */
  warnings: Array<string>, };

export type Selection = {
  /** `project/environment`; the only one when absent. */
  bundle: string | null,
  /** Only names that match one of these globs; all when empty. */
  only: Array<string>,
  /** But none that match one of these. */
  except: Array<string>,
  /** `NAME=ENTRY`: give this entry's value under that name, dangerous names
   * included, our own excepted. */
  map: Array<string>,
  /** Refuse where a conflict or an expired value would only be a warning, or sync found something
   * wrong. */
  strict: boolean, };

export type ServiceToken = { token: string, service: ServiceView,
  /** Where the job looks. */
  remote: string, warnings: Array<string>, };

export type ServiceView = {
  /** Its id, hex. */
  id: string,
  /** The team. */
  team: string,
  /** Its name. */
  name: string,
  /** Whose values it is given. */
  bundles: Array<string>,
  /** Of these, the ones that no device that signs can read: sheets leave them out. */
  left_out: Array<string>,
  /** The devices that sign for it. */
  signers: Array<string>,
  /** Of these, the ones that do not stand any more. The token believes them until it expires. */
  gone: Array<string>,
  /** Who made it. */
  creator: string,
  /** Unix seconds, by its maker's clock. */
  created: number,
  /** Unix seconds. */
  expires: number,
  /** Seconds after which a sheet is too old for it. */
  max_age: number,
  /** `active`, `needs_new_token`, `expired` or `removed`. */
  state: string,
  /** Unix seconds of its newest sheet, as far as this device knows; only for those that sign. */
  published: number | null, };

export type Settings = { theme: Theme,
  /** How large everything is drawn, in percent, 50 to 200. */
  zoom: number,
  /** A tag such as `de`; the system's when absent. */
  language: string | null,
  /** Whether the vault locks when nobody uses it. Else it locks twelve hours after the unlock. */
  lock_when_idle: boolean,
  /** Minutes without use after which it locks, 1 to 240; for `lock_when_idle`. */
  lock_after_minutes: number, lock_on_sleep: boolean, lock_on_screen_lock: boolean,
  /** Seconds after which what was copied is cleared, 5 to 120. */
  clipboard_seconds: number,
  /** What opens quick access from anywhere, such as `Ctrl+Shift+Space`; nothing when absent. */
  quick_shortcut: string | null,
  /** Whether to stay in the tray, where there is one, when the window is closed. */
  tray: boolean,
  /** Width and height of the window as it was closed last, in pixels of a desktop of 96 dpi; its own
   * size when absent. */
  size: [number, number] | null, };

export type Shown = { value: string, warnings: Array<string>, };

export type ShownCode = { code: string,
  /** Unix seconds at which the next one begins. */
  until: number, seconds_left: number,
  /** Seconds. */
  period: number, warnings: Array<string>, };

export type SideValues = {
  /** Number among the sides, from 1; 0 for the base. */
  number: number,
  /** Field and value. */
  values: Array<[string, string]>, };

export type SideView = {
  /** Number among the sides, from 1; 0 for the base. */
  number: number,
  /** Version id, hex. */
  id: string,
  /** Who wrote it. */
  member: string,
  /** With which device. */
  device: string,
  /** Whether that is this device's member. */
  mine: boolean,
  /** Unix seconds, by the author's clock. */
  at: number,
  /** Whether it removes the entry. */
  removal: boolean,
  /** Fields whose value differs from the base's. */
  changed_fields: Array<string>,
  /** The fields' values, only where they were asked for. */
  values: Array<[string, Plaintext]>, };

export type SlotView = {
  /** Slot id, hex. */
  id: string,
  /** `passphrase`, `keychain` or `recovery`. */
  kind: string,
  /** Argon2id parameters of a passphrase slot, as `m=65536,t=3,p=4` (KiB, passes, lanes). */
  kdf: string | null, };

export type StatusView = {
  /** Whether there is a vault at all. */
  exists: boolean,
  /** Where it lies, or would. */
  path: string,
  /** Whether it is locked for this caller. */
  locked: boolean,
  /** Whether `lock` suspended the keychain slot. */
  suspended: boolean,
  /** Vault id, hex, when there is a vault. */
  vault: string | null,
  /** Format version of the file. */
  format: number | null,
  /** Kinds of key slots: `passphrase`, `keychain`, `recovery`. */
  slots: Array<string>,
  /** The keychain: `ok`, `none`, `locked`, or why it can't be used. */
  keychain: string,
  /** The rest, when unlocked. */
  open: OpenStatus | null,
  /** The agent, when one answers. */
  agent: AgentView | null,
  /** What is worth saying. */
  warnings: Array<string>, };

export type SyncReport = {
  /** One for each team that was synced. */
  teams: Array<TeamSync>, };

export type TeamSync = {
  /** The team. */
  team: string,
  /** Ops that came and were applied. */
  received: number,
  /** Ops that went out. */
  pushed: number,
  /** Ops that wait for something that did not come. */
  waiting: number,
  /** Requests to join that came. */
  requests: number,
  /** Whether joining is still to be approved. */
  asked: boolean,
  /** Whether this member was removed, or this device revoked: nothing new can be read or written. */
  out: boolean,
  /** Bundles with news that this member may read, by name. */
  changed_bundles: Array<string>,
  /** Entries with several values side by side. */
  conflicts: number,
  /** What is wrong; empty when all is well. */
  findings: Array<FindingView>,
  /** Why it did not come to its end, if it did not. Other teams were synced all the same. */
  failure: Fault | null,
  /** Network requests that were made. */
  network_requests: number, };

export type TeamView = {
  /** Team id, hex. */
  id: string,
  /** Genesis op id, hex: to be kept with the recovery words. */
  genesis: string,
  /** What it is called; `personal` for a vault of one person. */
  name: string,
  /** This vault's member id there, hex: to be kept with the recovery words. */
  member: string,
  /** What they are called. */
  member_name: string,
  /** `owner`, `admin`, `writer`, `reader`, or `none` for who was removed or is not let in yet. */
  role: string,
  /** Members now. */
  members: number,
  /** Bundles shared with this member. */
  bundles: number,
  /** Where it syncs, if anywhere. */
  remote: string | null,
  /** Set while joining is to be approved: the safety words to read to the approver. */
  asked: string | null,
  /** What is due: key rotations, and tokens of services. */
  due: Array<DueView>, };

export type Theme = "system" | "light" | "dark" | "contrast";

export type Unlocked = {
  /** Unix seconds at which it locks by itself; none for a single command. */
  until: number | null,
  /** Warnings a person should see: rolled back, no keychain, must enrol. */
  warnings: Array<string>, };

export type Verdict = {
  /** Rows checked. */
  rows: number,
  /** The head, hex. */
  head: string,
  /** Whether the keychain's anchor holds the same head: `same`, `absent`, `unreadable`. */
  anchor: string, };

export type VersionView = {
  /** From 1, oldest first. */
  number: number,
  /** Version id, hex. */
  id: string,
  /** Unix seconds, by the author's clock. */
  at: number,
  /** Name of the author's device. */
  device: string,
  /** The name the entry had. */
  name: string | null,
  /** Whether this version removes the entry. */
  removal: boolean,
  /** Whether it waits for a review: its author was removed and had not seen it. */
  quarantined: boolean,
  /** Whether it is from before the bundle was shared with this member, and can't be read. */
  locked: boolean,
  /** Whether its content does not open, though its key is here. */
  unreadable?: boolean,
  /** Whether it is current (more than one is, in a conflict). */
  current: boolean,
  /** Fields whose value differs from the version before. */
  changed_fields: Array<string>,
  /** Where it came from. */
  lineage: string | null, };

export type Wants = {
  /** Whether it would get values; else it would change something. */
  values: boolean,
  /** What would be done: `get`, `run`, `set`, … */
  operation: string,
  /** In which bundle, where it names one. */
  bundle: string | null,
  /** Which names it would do it to; the first ten. */
  names: Array<string>,
  /** To how many. */
  count: number,
  /** Who or what else it is about: members, recipients, the program that gets values; the first ten. */
  about: Array<string>,
  /** Whether a yes may last. Never to what changes keys, members or recipients: that is asked each time. */
  may_last: boolean, };

/** Every command, with its question and its answer. */
export interface Commands {
  access_what: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Name, or the beginning of the id. */
      member: string, }; answer: Array<ExposedView> }
  access_who: { ask: {
      /** `[TEAM/]PROJECT/ENV`; all bundles when absent. */
      bundle?: string | null,
      /** Which team, without a bundle. */
      team?: string | null, }; answer: Array<AccessView> }
  acknowledge_finding: { ask: {
      /** The beginning of its id. */
      finding: string, }; answer: FindingView }
  add_device: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** The text from the new device. */
      answer: string,
      /** The words that it shows. */
      words: string, }; answer: DeviceView }
  add_remote: { ask: {
      /** Which team; the only one when absent. A personal vault may have a remote too, for its
       * owner's other devices. */
      team?: string | null,
      /** Where: `https://…`, `ssh://…`, `USER@HOST:PATH`, `file://…`, `s3://…`, `folder:/PATH` or a
       * full path. It never holds credentials. */
      location: string, }; answer: RemoteView }
  add_slot: { ask: { "passphrase": Plaintext } | "keychain"; answer: SlotView }
  answer_link: { ask: {
      /** The text from the other device. */
      link: string,
      /** How this machine is called there; as in this vault when absent. */
      device_name?: string | null,
      /** Where the team's remote is from here, if it is not what the link says. */
      location?: string | null, }; answer: LinkAnswer }
  approve: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** The request's name, or the beginning of its id. */
      request: string,
      /** The words as the newcomer read them; compared here. Absent: not compared, which makes an
       * unverified member, and is refused where comparing is required. */
      words?: string | null, }; answer: MemberView }
  archive_bundle: { ask: {
      /** `project/environment`. */
      name: string,
      /** Bring it back instead. */
      undo: boolean,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: BundleView }
  ask_to_return: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Names, or beginnings of ids, of other devices that return. This one does; the rest stay out. */
      devices: Array<string>, }; answer: Return }
  change_passphrase: { ask: {
      /** The current one; asked even of an unlocked vault. */
      current: Plaintext,
      /** The new one; UTF-8. */
      new: Plaintext, }; answer: SlotView }
  choose_path: { ask: {
      /** Whether a file is to be written, else one that is there is chosen. */
      save: boolean,
      /** What a new one is called, if nothing else is said. */
      name?: string | null,
      /** The dialog's title. */
      title?: string | null, }; answer: ChosenFile | null }
  clear_clipboard: { ask: Record<symbol, never>; answer: null }
  code: { ask: { bundle: string, name: string, }; answer: ShownCode }
  copy: { ask: { bundle: string, name: string, field: string,
      /** Counted from 1, the oldest; the current one when absent. */
      version?: number | null, }; answer: Copied }
  copy_text: { ask: { text: Plaintext, }; answer: Copied }
  create_backup: { ask: {
      /** Ticket of a file that is not there yet. */
      file: number,
      /** Encrypted to these once more: keys, or names of members. */
      to: Array<string>,
      /** Encrypted to recipients, as text instead of bytes. */
      armored: boolean, }; answer: BackupView }
  create_service: { ask: {
      /** What it is called. */
      name: string,
      /** Whose values it is given: `[TEAM/]PROJECT/ENV`, all of one team. */
      bundles: Array<string>,
      /** Seconds after which a sheet is too old for it; seven days when absent. */
      max_age?: number | null,
      /** Unix seconds after which its token is worth nothing; in 90 days when absent. */
      expires?: number | null,
      /** The devices that sign for it, by name or beginning of id; this one when empty. */
      signers: Array<string>, }; answer: ServiceToken }
  create_vault: { ask: {
      /** How its owner is called. */
      member: string, passphrase: Plaintext,
      /** Whether the keychain opens it too. */
      keychain: boolean,
      /** Words from `draft_words`, on paper by now. */
      words: Plaintext, }; answer: NewVault }
  decide: { ask: {
      /** Its number, of [`AskedView`]. */
      id: number,
      /** Whether it is carried out. */
      allow: boolean,
      /** For how many minutes a yes holds for its terminal, where it may last, and a no for everything; at
       * most until the lock. 0 for this request alone. */
      minutes: number, }; answer: null }
  doctor: { ask: {
      /** Why the vault did not open, where that was tried: it becomes a finding. */
      refused?: Fault | null, }; answer: DoctorReport }
  draft_recovery: { ask: { current_words: Plaintext, }; answer: NewWords }
  draft_words: { ask: Record<symbol, never>; answer: Array<string> }
  export: { ask: { export: Export,
      /** Ticket of the file. */
      file: number, }; answer: ExportedTo }
  generate: { ask: {
      /** Of what. */
      recipe: Recipe, }; answer: MadeUp }
  history: { ask: {
      /** Which entry. */
      entry: EntryRef, }; answer: HistoryView }
  import: { ask: {
      /** `project/environment`; the only one when absent. */
      bundle?: string | null,
      /** The file's bytes. An age file is opened with the member's own identities. */
      data: Plaintext,
      /** Take in what an age file holds although nothing in it shows who wrote it. */
      unverified: boolean,
      /** What it was called, for the lineage: a file name, or `standard input`. */
      source: string,
      /** `node`, `python` or `compose`; the default one when absent. */
      dialect?: string | null,
      /** Put `${OTHER}` in place as the dialect's reader does; literal otherwise. */
      interpolate: boolean,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: ImportReport }
  invite: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** `reader`, `writer`, `admin` or `owner`. */
      role: string,
      /** For whom, for the audit and `requests`. */
      name?: string | null,
      /** Days for which it is good; 7 when absent. */
      days?: number | null, }; answer: InvitationText }
  join: { ask: {
      /** The text that was sent. */
      invitation: Plaintext,
      /** How to be called in the team; this vault's own member name when absent. */
      name?: string | null,
      /** How this machine is called there; as in this vault when absent. */
      device_name?: string | null,
      /** Where the team's remote is from here, if it is not what the invitation says (a folder under
       * another path). */
      location?: string | null,
      /** The recovery words of this vault, if they are to be the team's too, so that they open an
       * empty machine. Without them the team gets a recovery key of its own, sealed in this vault to
       * those words. */
      recovery_words?: Plaintext | null, }; answer: Joining }
  leave_quick: { ask: Record<symbol, never>; answer: null }
  link_device: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null, }; answer: DeviceLinkView }
  list_asked: { ask: Record<symbol, never>; answer: Array<AskedView> }
  list_audit: { ask: {
      /** Unix seconds; only rows from then on. */
      since?: number | null,
      /** Unix seconds; only rows before. */
      until?: number | null,
      /** Only this operation: `get`, `run`, `export`, `set`, … */
      operation?: string | null,
      /** Only rows about this bundle, `project/environment`. */
      bundle?: string | null,
      /** Only rows about this name. */
      name?: string | null,
      /** Only what failed. */
      failed: boolean,
      /** At most this many; 100 when absent. */
      limit?: number | null, }; answer: Array<AuditView> }
  list_bundles: { ask: {
      /** Archived ones too. */
      archived: boolean, }; answer: Array<BundleView> }
  list_conflicts: { ask: {
      /** `[TEAM/]PROJECT/ENV`; all when absent. */
      bundle?: string | null,
      /** Only this entry's. */
      name?: string | null,
      /** Reveal the values too; each is written to the audit. */
      reveal: boolean, }; answer: Array<ConflictView> }
  list_devices: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Of all members; else only one's own. */
      all: boolean,
      /** A person looks at them, and so sees those that were added: what was noted of them is settled. A
       * list that is loaded by itself is seen by nobody. */
      seen: boolean, }; answer: Array<DeviceView> }
  list_entries: { ask: {
      /** `project/environment`; all bundles when absent. */
      bundle?: string | null,
      /** Only names that match this glob. */
      pattern?: string | null,
      /** Only this kind. */
      kind?: Kind | null,
      /** Only with this tag. */
      tag?: string | null, }; answer: Array<EntryView> }
  list_escapes: { ask: Record<symbol, never>; answer: Array<EscapeView> }
  list_exposed: { ask: {
      /** Which team; all when absent. */
      team?: string | null,
      /** Those that are done, too. */
      all: boolean, }; answer: Array<ExposedView> }
  list_findings: { ask: Record<symbol, never>; answer: Array<FindingView> }
  list_members: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Former ones too. */
      former: boolean, }; answer: Array<MemberView> }
  list_quarantine: { ask: {
      /** Which team; all when absent. */
      team?: string | null, }; answer: Array<QuarantineView> }
  list_remotes: { ask: Record<symbol, never>; answer: Array<RemoteView> }
  list_requests: { ask: {
      /** Which team; all when absent. */
      team?: string | null, }; answer: Array<RequestView> }
  list_services: { ask: {
      /** Which team; all when absent. */
      team?: string | null,
      /** Those that were removed or have expired, too. */
      all: boolean, }; answer: Array<ServiceView> }
  list_slots: { ask: Record<symbol, never>; answer: Array<SlotView> }
  list_teams: { ask: Record<symbol, never>; answer: Array<TeamView> }
  lock: { ask: Record<symbol, never>; answer: null }
  matrix: { ask: {
      /** Which team; the only one that has such a project when absent. */
      team?: string | null,
      /** The project. */
      project: string, }; answer: MatrixView }
  move_entry: { ask: {
      /** Which entry. */
      entry: EntryRef,
      /** The new name; unchanged when absent. */
      to_name?: string | null,
      /** The new bundle; unchanged when absent. */
      to_bundle?: string | null,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Saved }
  move_remote: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Where to. */
      location: string,
      /** Go although the old remote can't be reached, or is not to be trusted any more. */
      without_old: boolean, }; answer: RemoteView }
  new_bundle: { ask: {
      /** `project/environment`. */
      name: string,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: BundleView }
  new_recovery: { ask: { current_words: Plaintext,
      /** From `draft_recovery`, on paper by now. */
      new_words: Plaintext, }; answer: null }
  new_team: { ask: {
      /** Its name. */
      name: string,
      /** Found another one although the personal vault could become it. */
      separate: boolean, }; answer: TeamView }
  open_other: { ask: {
      /** Ticket of the file. */
      file: number, }; answer: StatusView }
  promote: { ask: {
      /** From which bundle, `project/environment`. */
      from: string,
      /** To which. */
      to: string,
      /** Which entries; all must be there, else nothing is written. */
      names: Array<string>,
      /** All that there are, instead. */
      all: boolean,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Promoted }
  raw_env: { ask: {
      /** `project/environment`; the only one when absent. */
      bundle?: string | null, }; answer: RawText }
  recover_team: { ask: {
      /** The words. */
      words: Plaintext,
      /** Where the remote is. */
      location: string,
      /** Which team, as the beginning of its id, hex; the only one there that the words open when
       * absent. */
      team?: string | null,
      /** Its genesis op, hex; the only one that the words know there when absent. */
      genesis?: string | null,
      /** The member, hex; the only one that the words know there when absent. */
      member?: string | null,
      /** How this machine is called; its host name when absent. */
      device_name?: string | null,
      /** Names, or beginnings of ids, of earlier devices that are not lost. All others of the member
       * are revoked. */
      keep: Array<string>,
      /** What opens the new vault; none when there is one already. */
      new_vault?: NewKeys | null, }; answer: RecoveredTeam }
  remove_entries: { ask: {
      /** `project/environment`; the only one when absent. */
      bundle?: string | null,
      /** Names; all must exist, else nothing is removed. */
      names: Array<string>,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Array<EntryView> }
  remove_member: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Name, or the beginning of the id. */
      member: string,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Removed }
  remove_remote: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null, }; answer: RemoteView }
  remove_service: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Its name, or the beginning of its id. */
      name: string, }; answer: ServiceView }
  remove_slot: { ask: {
      /** Slot id, or its beginning, hex; or a kind when there is one of it. */
      slot: string, }; answer: SlotView }
  resolve_conflict: { ask: {
      /** `[TEAM/]PROJECT/ENV`; the only one when absent. */
      bundle?: string | null,
      /** The entry's name. */
      name: string,
      /** Which side, as `conflicts ls` numbers them. */
      take: number,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Saved }
  restore_backup: { ask: {
      /** Ticket of the file. */
      file: number, key: Key,
      /** As in `verify_backup`. */
      identity?: Plaintext | null, }; answer: BackupView }
  restore_entry: { ask: {
      /** Which entry; a removed one too. */
      entry: EntryRef,
      /** Which version; the newest that is no removal when absent. */
      version?: number | null,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Saved }
  reveal: { ask: { bundle: string, name: string, field: string,
      /** Counted from 1, the oldest; the current one when absent. */
      version?: number | null, }; answer: Shown }
  reveal_conflict: { ask: { bundle: string, name: string, }; answer: Array<SideValues> }
  review: { ask: {
      /** Beginnings of op ids. */
      ops: Array<string>,
      /** Take it back in; else it is hidden for all. */
      adopt: boolean, }; answer: Array<QuarantineView> }
  revoke_device: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Name, or the beginning of the id. */
      device: string,
      /** Leave those that it added. Else they are revoked with it: whoever had it may have them. */
      alone: boolean,
      /** The recovery words, to sign with them: an earlier device of one's own outranks this one. */
      words?: Plaintext | null,
      /** Revoke an earlier device without them: what it signs without having seen this still counts. */
      without_words: boolean, }; answer: Revoked }
  save_field: { ask: { field: FieldOf,
      /** Ticket of the file. */
      file: number, }; answer: null }
  save_raw_env: { ask: {
      /** `project/environment`; the only one when absent. */
      bundle?: string | null,
      /** The text, read as Node's reader does; references stay as they are written. */
      text: Plaintext,
      /** What it was made from, as [`RawEnvText::made_from`] says. If the bundle was changed since, nothing
       * is done: code `conflict`. */
      made_from: string,
      /** Only say what would happen. Lines that can't be kept are told then, and refused otherwise. */
      dry_run: boolean, }; answer: RawEnvSaved }
  save_settings: { ask: { theme: Theme,
      /** How large everything is drawn, in percent, 50 to 200. */
      zoom: number,
      /** A tag such as `de`; the system's when absent. */
      language: string | null,
      /** Whether the vault locks when nobody uses it. Else it locks twelve hours after the unlock. */
      lock_when_idle: boolean,
      /** Minutes without use after which it locks, 1 to 240; for `lock_when_idle`. */
      lock_after_minutes: number, lock_on_sleep: boolean, lock_on_screen_lock: boolean,
      /** Seconds after which what was copied is cleared, 5 to 120. */
      clipboard_seconds: number,
      /** What opens quick access from anywhere, such as `Ctrl+Shift+Space`; nothing when absent. */
      quick_shortcut: string | null,
      /** Whether to stay in the tray, where there is one, when the window is closed. */
      tray: boolean,
      /** Width and height of the window as it was closed last, in pixels of a desktop of 96 dpi; its own
       * size when absent. */
      size: [number, number] | null, }; answer: Settings }
  set_entry: { ask: {
      /** `project/environment`; the only one when absent. */
      bundle?: string | null,
      /** Name. */
      name: string,
      /** Kind; `variable` for a new entry, and unchanged for one that exists, when absent. */
      kind?: Kind | null,
      /** Fields to write. An empty field name means the kind's own first field. */
      fields: Array<[string, NewValue]>,
      /** Fields to drop. */
      without_fields: Array<string>,
      /** Tags in place of the present ones. */
      tags?: Array<string> | null,
      /** Metadata to write; an absent part stays, an empty text clears it. */
      metadata: Metadata,
      /** The number of the version that is current, if the entry is to be written only while that is so:
       * else the code is `conflict`. */
      expected_version?: number | null,
      /** Only say what would happen. */
      dry_run: boolean, }; answer: Saved }
  set_role: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Name, or the beginning of the id. */
      member: string,
      /** `reader`, `writer`, `admin` or `owner`. */
      role: string, }; answer: MemberView }
  settings: { ask: Record<symbol, never>; answer: Settings }
  settle_exposed: { ask: {
      /** `[TEAM/]PROJECT/ENV`. */
      bundle: string,
      /** Name of the entry. */
      name: string,
      /** Why. */
      reason: string, }; answer: Array<ExposedView> }
  share: { ask: {
      /** `[TEAM/]PROJECT/ENV`. */
      bundle: string,
      /** Share only this entry: it moves to a bundle of its own. */
      entry?: string | null,
      /** Names, or beginnings of ids. */
      with: Array<string>,
      /** Older versions too. */
      history: boolean, }; answer: BundleView }
  status: { ask: Record<symbol, never>; answer: StatusView }
  stop_sync: { ask: Record<symbol, never>; answer: null }
  sync: { ask: {
      /** Which team; all that have a remote when absent. */
      team?: string | null,
      /** List and look at everything on the remote. */
      full: boolean, }; answer: SyncReport }
  sync_progress: { ask: Record<symbol, never>; answer: ProgressView }
  take_back: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** The text that they sent. */
      text: string,
      /** `reader`, `writer`, `admin` or `owner`. */
      role: string,
      /** The words as they read them; absent to take them in unverified, which admins and owners
       * can't be. */
      words?: string | null, }; answer: MemberView }
  team_policy: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Days without a sign of life after which a device counts as out of touch; 0 for never.
       * Unchanged when absent. */
      stale_after_days?: number | null,
      /** Whether a bundle may be shared only with members whose keys were compared. Unchanged when
       * absent. */
      require_verified?: boolean | null, }; answer: PolicyView }
  turn_off_escape: { ask: { bundle: string,
      /** Whether the file stays as it is; else its person says to the program that it goes. */
      keep: boolean, }; answer: EscapeView }
  turn_on_escape: { ask: { bundle: string,
      /** Who opens it: keys, or names of members. */
      to: Array<string>,
      /** Ticket of the file. */
      file: number, }; answer: EscapeView }
  unlock: { ask: {
      /** With what. */
      key: Key,
      /** Lock again after this many seconds, whatever happens; the agent's own limit when absent. */
      ttl_seconds?: number | null,
      /** Whether the whole file is checked against its root (an agent, a first write) or only
       * the header (one read). */
      full_check: boolean, }; answer: Unlocked }
  unshare: { ask: {
      /** `[TEAM/]PROJECT/ENV`. */
      bundle: string,
      /** Names, or beginnings of ids. */
      with: Array<string>, }; answer: BundleView }
  use_recovery: { ask: {
      /** The words. */
      words: Plaintext,
      /** A new passphrase; the old one stays when absent. */
      new_passphrase?: Plaintext | null, }; answer: Recovered }
  verify_audit: { ask: Record<symbol, never>; answer: Verdict }
  verify_backup: { ask: {
      /** Ticket of the file. */
      file: number, key: Key,
      /** Of one that is encrypted to recipients: an age identity file or an SSH key. */
      identity?: Plaintext | null, }; answer: BackupView }
  verify_member: { ask: {
      /** Which team; the only one when absent. */
      team?: string | null,
      /** Name, or the beginning of the id. */
      member: string,
      /** The fingerprint as the member read it; absent to be shown it. */
      words?: string | null, }; answer: Fingerprint }
}
