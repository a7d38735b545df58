CREATE TABLE meta (
    -- One row: what the vault is and where it stands. Covered by header_mac, not by the root.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format INTEGER NOT NULL,
    suite INTEGER NOT NULL,
    vault_id BLOB NOT NULL CHECK (length(vault_id) = 16),
    standing INTEGER NOT NULL,
    -- Number of commits since creation.
    counter INTEGER NOT NULL,
    -- Sealed: 32 bytes for each table, the sums of its rows' keyed hashes.
    sums BLOB NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    audit_head BLOB NOT NULL CHECK (length(audit_head) = 32),
    audit_count INTEGER NOT NULL,
    -- Covers this row and every row of key_slot.
    header_mac BLOB NOT NULL CHECK (length(header_mac) = 32)
) STRICT;

CREATE TABLE key_slot (
    -- One way each to the vault master key. Covered by header_mac, not by the root.
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    -- Argon2id's parameters; only a passphrase slot has them.
    kdf_memory_kib INTEGER,
    kdf_passes INTEGER,
    kdf_lanes INTEGER,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    -- The vault master key under the slot's key.
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
    -- What this device is in a team: its secret keys, sealed under `identity`.
    team BLOB PRIMARY KEY CHECK (length(team) = 32),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key (
    -- Member seeds, log keys and bundle keys with their metadata, sealed under `record`.
    -- Whoever knows a key can bring it into another team, and hand it on as a key of another
    -- kind: an id names it in one team and for one use only.
    team BLOB NOT NULL CHECK (length(team) = 32),
    id BLOB NOT NULL CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    -- Id of the member, team or bundle whose key it is.
    owner BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (team, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE op (
    -- Signed ops that were applied, as received; void and quarantined ones too. Sealed by their
    -- own format, so raw bytes stand here.
    -- The order of arrival, which is a causal order.
    arrival INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    team BLOB NOT NULL CHECK (length(team) = 32),
    device BLOB NOT NULL CHECK (length(device) = 32),
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    status INTEGER NOT NULL,
    -- Ids of the ops of other devices that it cites, 32 bytes each.
    deps BLOB NOT NULL,
    raw BLOB NOT NULL
) STRICT;

-- What the ledger replays at unlock: control ops, and data ops that tie devices together.
CREATE INDEX op_ledger ON op (team, arrival) WHERE kind = 0 OR length(deps) > 0;

-- What stands at a place of a device's chain; several ops where it forked.
CREATE INDEX op_place ON op (device, seq);

CREATE TABLE frontier (
    -- The newest applied op of each device's first chain. Never goes backwards.
    team BLOB NOT NULL CHECK (length(team) = 32),
    device BLOB NOT NULL CHECK (length(device) = 32),
    seq INTEGER NOT NULL,
    op BLOB NOT NULL CHECK (length(op) = 32),
    -- Whether it has written two ops at one place.
    forked INTEGER NOT NULL,
    PRIMARY KEY (team, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
    -- Every version of every entry: the state that the ops add up to. Its author chose its id,
    -- so only op and place name it for certain.
    id BLOB NOT NULL CHECK (length(id) = 16),
    team BLOB NOT NULL CHECK (length(team) = 32),
    entry BLOB NOT NULL CHECK (length(entry) = 16),
    bundle BLOB NOT NULL CHECK (length(bundle) = 16),
    -- The op that brought it, and its place there.
    op BLOB NOT NULL CHECK (length(op) = 32),
    pos INTEGER NOT NULL,
    lamport INTEGER NOT NULL,
    state INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    -- Keyed hash of bundle and name, for look-up; null where there is no name.
    name_hash BLOB CHECK (length(name_hash) = 16),
    -- Its newest seal. If that is not its first one: the op that brought it, that op's lamport
    -- time and its place there, as 32, 8 and 4 bytes. One column, as each costs time.
    reseal BLOB CHECK (length(reseal) = 44),
    -- The device that sealed it, and id of the bundle key that it is sealed under.
    sealed_by BLOB NOT NULL CHECK (length(sealed_by) = 32),
    key BLOB NOT NULL CHECK (length(key) = 16),
    -- As it came in the op, not sealed a second time; null for a removal.
    sealed BLOB,
    UNIQUE (op, pos)
) STRICT;

CREATE INDEX version_entry ON version (entry, id);

CREATE INDEX version_reseal ON version (reseal) WHERE reseal IS NOT NULL;

-- Both the list of a bundle and the look-up of one name.
CREATE INDEX version_head ON version (bundle, name_hash) WHERE state = 0;

CREATE TABLE seal (
    -- Seals of versions other than the newest, and those of versions that are not here.
    entry BLOB NOT NULL CHECK (length(entry) = 16),
    version BLOB NOT NULL CHECK (length(version) = 16),
    -- The op that brought it, its place there, and that op's lamport time.
    op BLOB NOT NULL CHECK (length(op) = 32),
    pos INTEGER NOT NULL,
    lamport INTEGER NOT NULL,
    sealed_by BLOB NOT NULL CHECK (length(sealed_by) = 32),
    key BLOB NOT NULL CHECK (length(key) = 16),
    sealed BLOB NOT NULL,
    UNIQUE (op, pos)
) STRICT;

CREATE INDEX seal_version ON seal (entry, version);

CREATE TABLE pack (
    -- Packs whose sealed versions stand nowhere else: those of void ops and of ops that wait.
    op BLOB NOT NULL UNIQUE CHECK (length(op) = 32),
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE waiting (
    -- Ops that came and wait for something that did not, in the order of coming.
    came INTEGER PRIMARY KEY,
    op BLOB NOT NULL UNIQUE CHECK (length(op) = 32),
    team BLOB NOT NULL CHECK (length(team) = 32),
    raw BLOB NOT NULL
) STRICT;

CREATE INDEX waiting_team ON waiting (team);

CREATE TABLE remote (
    -- Where a team's remote is and how far it was read, sealed under `record`.
    team BLOB PRIMARY KEY CHECK (length(team) = 32),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE object (
    -- What is known to lie on a team's remote: fetched from there, or pushed.
    team BLOB NOT NULL CHECK (length(team) = 32),
    name TEXT NOT NULL,
    PRIMARY KEY (team, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    -- Ops that were written here and are not pushed yet.
    team BLOB NOT NULL CHECK (length(team) = 32),
    op BLOB NOT NULL CHECK (length(op) = 32),
    PRIMARY KEY (team, op)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
    -- What was found about a team or its remote, kept until it is resolved; sealed under `record`.
    team BLOB NOT NULL CHECK (length(team) = 32),
    id BLOB NOT NULL CHECK (length(id) = 16),
    sealed BLOB NOT NULL,
    PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    -- Who read and did what, sealed under `audit`; hash chains each row to the one before.
    idx INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE root_history (
    -- The root after each commit but the last, written by the commit after it.
    counter INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;
