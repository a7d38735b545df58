//! A value that was read: text that is wiped when dropped and never printed.

use std::fmt;

use zeroize::Zeroize;

use crate::buffer::Buffer;

/// The text of one variable. No `Clone`, `Display` or `Deref`: [`Value::expose`] borrows it,
/// [`Value::into_string`] moves it out to whoever keeps it next.
#[derive(Default)]
pub struct Value(String);

impl Value {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Moves the text out; from here on the caller wipes it.
    pub fn into_string(mut self) -> String {
        std::mem::take(&mut self.0)
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Buffer> for Value {
    fn from(buffer: Buffer) -> Self {
        Self(String::from_utf8(buffer.into_bytes()).expect("readers push only whole characters"))
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}
