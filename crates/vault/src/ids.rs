//! Names of things that only the vault knows. They hold nothing secret and are shown as
//! lower-case hex.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

id! {
    /// A vault, named at random when it is created; its copies share the name.
    VaultId
}
id! {
    /// A key slot, named at random when it is made.
    SlotId
}
id! {
    /// A keyed hash of a bundle and a name within it (see `Vault::name_hash`): equal names in
    /// one bundle of one vault have equal hashes, and nobody without the vault's key can tell
    /// which name it is.
    NameHash
}

id! {
    /// A finding that is kept, named at random.
    EvidenceId
}

impl VaultId {
    pub(crate) fn make() -> Self {
        Self(crypto::make_bytes())
    }
}

impl SlotId {
    pub(crate) fn make() -> Self {
        Self(crypto::make_bytes())
    }
}

impl EvidenceId {
    pub(crate) fn make() -> Self {
        Self(crypto::make_bytes())
    }
}
