//! The names that ops use for things: fixed-size ids, each its own type so that one can't stand
//! for another. They hold nothing secret and are shown as lower-case hex.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $size]);

        impl $name {
            /// Length in bytes.
            pub const SIZE: usize = $size;

            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// The id with these bytes, or nothing when their number is another one.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $size] {
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

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = <&serde_bytes::Bytes>::deserialize(deserializer)?;
                Self::from_slice(bytes).ok_or_else(|| {
                    serde::de::Error::invalid_length(bytes.len(), &stringify!($size))
                })
            }
        }
    };
}

macro_rules! random_id {
    ($($name:ident),*) => {$(
        impl $name {
            /// A new id from the system's randomness.
            pub fn make() -> Self {
                Self(crypto::make_bytes())
            }
        }
    )*};
}

id! {
    /// A team: the hash of its founder's device id and 32 random bytes (protocol §2).
    TeamId, 32
}
id! {
    /// A member: the hash of the team and the member's first public key (protocol §2).
    MemberId, 32
}
id! {
    /// A device: the hash of its two public keys, so that it can't be claimed without them.
    DeviceId, 32
}
id! {
    /// An op: the hash of its signed bytes (protocol §4).
    OpId, 32
}
id! {
    /// A pack of entry versions that is too large for an op: the hash of its bytes.
    BlobId, 32
}
id! {
    /// A bundle: random.
    BundleId, 16
}
id! {
    /// An entry: random. It stays the same through all versions and renames.
    EntryId, 16
}
id! {
    /// One version of an entry: random.
    VersionId, 16
}

random_id!(BundleId, EntryId, VersionId);

impl DeviceId {
    /// The id that belongs to these keys.
    pub fn of(keys: &crypto::DevicePublic) -> Self {
        Self(keys.device_id())
    }
}

impl TeamId {
    /// The id of the team that this device founds with this nonce (protocol §2).
    pub fn derive(founder: &DeviceId, nonce: &[u8; 32]) -> Self {
        let mut hasher = crypto::Hasher::new(crypto::Purpose::TeamId);
        hasher.update(founder.as_bytes());
        hasher.update(nonce);
        Self(hasher.finish())
    }
}

impl MemberId {
    /// The id of the member who enters this team with this first public key (protocol §2).
    pub fn derive(team: &TeamId, first: &crypto::ExchangePublic) -> Self {
        let mut hasher = crypto::Hasher::new(crypto::Purpose::MemberId);
        hasher.update(team.as_bytes());
        hasher.update(first.as_bytes());
        Self(hasher.finish())
    }
}
