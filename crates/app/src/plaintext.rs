//! Plaintext on its way to or from a face: the only secret type that can cross the door.

use std::fmt;
use std::path::PathBuf;

use crypto::{SecretText, SecretVec};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// Bytes that a person or a program gave us or asked for. Wiped on drop, redacted in `Debug`.
/// It serialises only so that it can cross the agent's socket, which never leaves this machine
/// and this user; into JSON it does not.
pub struct Plaintext(SecretVec);

impl Plaintext {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretVec::new(bytes))
    }

    /// Takes the text over.
    pub fn from_text(text: String) -> Self {
        Self::new(text.into_bytes())
    }

    /// The bytes, for the moment they are written or handed on.
    pub fn expose(&self) -> &[u8] {
        // EXPOSE: this is the door's own way out; its callers say why.
        self.0.expose()
    }

    /// The bytes as text, when they are UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        // EXPOSE: as above.
        std::str::from_utf8(self.0.expose()).ok()
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a secret of the inner rooms.
    pub fn into_secret(self) -> SecretVec {
        self.0
    }

    /// As secret text, or itself again when it is not UTF-8.
    pub fn into_secret_text(self) -> Result<SecretText, Plaintext> {
        SecretText::from_utf8(self.0).map_err(Plaintext)
    }
}

impl From<SecretVec> for Plaintext {
    fn from(secret: SecretVec) -> Self {
        Self(secret)
    }
}

impl From<SecretText> for Plaintext {
    fn from(secret: SecretText) -> Self {
        // EXPOSE: only the wrapper changes; the text stays secret.
        Self::from_text(secret.expose().to_owned())
    }
}

impl PartialEq for Plaintext {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaintext(…)")
    }
}

impl Serialize for Plaintext {
    /// Into the agent's frames alone. What people read (JSON) is refused, so that no answer that holds
    /// a value gets into the window by being passed on.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Err(serde::ser::Error::custom("a value is not passed on"));
        }
        // EXPOSE: for the agent's socket, whose peer is checked to be the same user.
        serializer.serialize_bytes(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Plaintext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Bytes out of a frame, text out of the window's JSON.
        serde_bytes::ByteBuf::deserialize(deserializer).map(|bytes| Self::new(bytes.into_vec()))
    }
}

impl TS for Plaintext {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &ts_rs::Config) -> String {
        "Plaintext".to_owned()
    }

    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }

    fn decl(_: &ts_rs::Config) -> String {
        "type Plaintext = string;".to_owned()
    }

    fn output_path() -> Option<PathBuf> {
        Some(PathBuf::from("Plaintext.ts"))
    }
}
