//! One JSON object, a member a line. Any name and any text fit; bytes that are no text don't.

use serde_json::to_writer;

use super::Reach;
use crate::Refusal;
use crate::buffer::Buffer;

pub(super) fn begin(out: &mut Buffer) {
    out.push('{');
}

pub(super) fn write_entry(
    is_first: bool,
    name: &str,
    value: &[u8],
    out: &mut Buffer,
) -> Result<Reach, Refusal> {
    let value = std::str::from_utf8(value).map_err(|_| Refusal::NotUtf8)?;
    out.push_str(if is_first { "\n  " } else { ",\n  " });
    for (text, after) in [(name, ": "), (value, "")] {
        to_writer(&mut *out, text).expect("text is JSON and a buffer takes it");
        out.push_str(after);
    }
    Ok(Reach::ALL)
}

pub(super) fn end(is_empty: bool, out: &mut Buffer) {
    out.push_str(if is_empty { "}\n" } else { "\n}\n" });
}
