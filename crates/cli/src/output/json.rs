//! Views as JSON. A secret value is text when it is UTF-8, else `{"base64": "…"}`.

use app::Plaintext;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::escaped;

/// A secret value on its way into JSON that was asked for.
pub struct Value<'a>(pub &'a Plaintext);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // EXPOSE: the person asked for this value, in JSON.
        if let Some(text) = self.0.expose_text() {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        // EXPOSE: as above; it is no text.
        let encoded = Zeroizing::new(STANDARD.encode(self.0.expose()));
        map.serialize_entry("base64", encoded.as_str())?;
        map.end()
    }
}

/// A field with its value, so too.
#[derive(Serialize)]
pub struct Field<'a> {
    field: &'a str,
    value: Value<'a>,
}

/// Fields with their values, in JSON that was asked for.
pub fn fields(values: &[(String, Plaintext)]) -> Vec<Field<'_>> {
    let fields = values.iter().map(|(field, value)| Field {
        field,
        value: Value(value),
    });
    fields.collect()
}

/// Indented JSON that ends with a newline. Characters that a terminal could obey or that hide
/// their neighbours stand as `\u` escapes, which any reader turns back.
pub fn text(view: &impl Serialize) -> Zeroizing<String> {
    let plain = serde_json::to_string_pretty(view).expect("views have string keys only");
    let plain = Zeroizing::new(plain);
    let mut text = Zeroizing::new(String::with_capacity(plain.len() * 2 + 1));
    for character in plain.chars() {
        if is_harmless(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text.push('\n');
    text
}

fn is_harmless(character: char) -> bool {
    match character {
        '\n' | ' '..='~' => true,
        other => escaped(other.encode_utf8(&mut [0; 4])) == other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_could_obey_is_escaped_and_reads_back() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b\u{7f}é\u{1f600}";
        let written = text(&hostile);
        assert!(
            !written.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7f}']),
            "threat 60"
        );
        assert!(written.contains('é'));
        let back: String = serde_json::from_str(&written).unwrap();
        assert_eq!(back, hostile);
    }

    #[test]
    fn a_value_is_text_or_base64() {
        let text =
            |bytes: &[u8]| serde_json::to_string(&Value(&Plaintext::new(bytes.to_vec()))).unwrap();
        assert_eq!(text(b"plain"), r#""plain""#);
        assert_eq!(text(&[0xff, 0x00]), r#"{"base64":"/wA="}"#);
    }
}
