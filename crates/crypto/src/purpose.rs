//! The closed list of what keys, hashes and signatures are for.

/// Makes the enum, its labels and the list of all from one table.
macro_rules! purposes {
    ($($(#[doc = $doc:literal])+ $name:ident => $label:literal,)+) => {
        /// What a key, a hash or a signature is for: the namespaces of the key hierarchy
        /// (`docs/protocol.md` section 1).
        ///
        /// Every derivation, seal, hash and signature carries one, so that nothing made for one use
        /// is ever good for another, even under the same key. The labels are part of the format:
        /// one that has been released never changes and is never used anew.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Purpose {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Purpose {
            /// Every purpose there is.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The label that goes into derivations, hashes and signatures.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)+
                }
            }
        }
    };
}

purposes! {
    /// The slot key that a passphrase opens.
    SlotPassphrase => "slot/passphrase",
    /// The slot key that the secret in the operating system's keychain opens.
    SlotKeychain => "slot/keychain",
    /// The slot key that the recovery key opens.
    SlotRecovery => "slot/recovery",

    /// The key of stored keys and of the root's sums; it seals stored keys.
    DbRecord => "db/record",
    /// Keyed hashes by which a row is found without a scan.
    DbIndex => "db/index",
    /// Sealing of the device's own keys.
    DbIdentity => "db/identity",
    /// Derives the key of audit rows.
    DbAudit => "db/audit",
    /// Derives the key of row hashes, which the root sums up; it seals the sums.
    DbRoot => "db/root",
    /// The keyed hash over the vault's header and slots.
    DbHeaderMac => "db/header-mac",

    /// The signature of an op.
    OpSignature => "op/signature",
    /// The id of an op.
    OpId => "op/id",
    /// Sealing of an op's inner part under the log key.
    OpBody => "op/body",

    /// The id of a device.
    DeviceId => "id/device",
    /// The id of a team.
    TeamId => "id/team",
    /// The id of a member.
    MemberId => "id/member",
    /// The id of a public key that something is wrapped to.
    RecipientKeyId => "id/recipient-key",
    /// The hash that a blob is cited by.
    BlobHash => "id/blob",

    /// The member's X25519 key, from the member seed.
    MemberExchange => "member/exchange",
    /// The member's sealing key, from the member seed.
    MemberSealing => "member/sealing",
    /// The member's X25519 key for age files, from the member seed.
    MemberAge => "member/age",

    /// A predecessor seal that carries a member seed.
    MemberSeed => "key/member-seed",
    /// A predecessor seal that carries a log key.
    LogKey => "key/log",

    /// Sealing of one version of one entry under the bundle key.
    EntryVersion => "entry/version",

    /// The recovery key's Ed25519 key.
    RecoverySigning => "recovery/signing",
    /// The recovery key's X25519 key.
    RecoveryExchange => "recovery/exchange",
    /// The secret that opens the recovery slot.
    RecoverySlot => "recovery/slot",
    /// The recovery key's signature over team and member id.
    RecoveryStatement => "recovery/statement",
    /// Sealing of what a recovery key needs to find its place in a team.
    RecoveryNote => "recovery/note",

    /// A new device's signature that shows it holds its keys.
    DeviceStatement => "device/statement",
    /// The signature of a service's sheet.
    SheetSignature => "sheet/signature",
    /// Sealing of the values in a service's sheet.
    SheetBody => "sheet/body",
    /// The fingerprint of which versions a sheet holds.
    SheetState => "sheet/state",
    /// A fingerprint of all that a ledger decided.
    StateHash => "ledger/state",
    /// Short names for files that belong to one vault's path.
    PathTag => "home/path",

    /// Sealing of audit rows.
    AuditRow => "audit/row",
    /// The hash that chains audit rows.
    AuditChain => "audit/chain",

    /// The digest of a row's content.
    RowDigest => "row/digest",
}

impl Purpose {
    /// `len16(label)`, big-endian: with it in front, no label can be read as the beginning of another
    /// with its message.
    pub(crate) fn len16(self) -> [u8; 2] {
        u16::try_from(self.label().len())
            .expect("labels are a few bytes long")
            .to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn labels_are_unique_and_plain() {
        let labels: BTreeSet<_> = Purpose::ALL.iter().map(|purpose| purpose.label()).collect();
        assert_eq!(labels.len(), Purpose::ALL.len());
        for label in labels {
            assert!(!label.is_empty());
            assert!(
                label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || b"/-".contains(&byte))
            );
        }
    }
}
