//! What people carry from one device to another by other ways than the remote, as one word of
//! text: a prefix that says what it is, and base64url of its encoding.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto::SecretText;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::caps;
use crate::cbor;

/// A word of text that is no secret.
pub(crate) fn to_text<T: Serialize>(prefix: &str, value: &T) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(cbor::encode(value)))
}

/// Reads one; white space around it does not matter. Nothing where it is no such text, or not
/// whole.
pub(crate) fn from_text<T: DeserializeOwned + Serialize>(prefix: &str, text: &str) -> Option<T> {
    cbor::decode(&bytes_of(prefix, text)?).ok()
}

/// A word of text that is a secret.
pub(crate) fn to_secret_text<T: Serialize>(prefix: &str, value: &T) -> SecretText {
    let bytes = Zeroizing::new(cbor::encode(value));
    // In its whole size at once: what a growing string leaves behind is not wiped.
    let mut text = String::with_capacity(prefix.len() + bytes.len() * 4 / 3 + 4);
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    SecretText::new(text)
}

/// The encoding within a word of text, to be decoded; white space around it does not matter.
pub(crate) fn bytes_of(prefix: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim().strip_prefix(prefix)?;
    if text.len() > caps::INVITATION_BYTES {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok().map(Zeroizing::new)
}
