//! `export NAME='value'`, for dash, bash, zsh and every other POSIX shell.
//!
//! In single quotes every byte but the quote itself stands for itself (POSIX XCU 2.2.2), so newlines,
//! `$( )`, backticks and bytes that are no UTF-8 pass as they are. A quote is written `'\''`, which
//! zsh's RC_QUOTES leaves alone too, since no two quotes meet inside a quotation.

use super::{Reach, check_name};
use crate::Refusal;
use crate::buffer::Buffer;
use crate::names::is_evaluated_by_shells;

pub(super) fn write_entry(name: &str, value: &[u8], out: &mut Buffer) -> Result<Reach, Refusal> {
    check_name(name)?;
    if is_evaluated_by_shells(name) {
        return Err(Refusal::EvaluatedByShell);
    }
    if value.contains(&0) {
        return Err(Refusal::Nul);
    }
    out.push_str("export ");
    out.push_str(name);
    out.push_str("='");
    for (place, part) in value.split(|b| *b == b'\'').enumerate() {
        if place > 0 {
            out.push_str(r"'\''");
        }
        out.push_bytes(part);
    }
    out.push_str("'\n");
    Ok(Reach::ALL)
}
