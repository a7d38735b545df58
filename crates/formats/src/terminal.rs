//! Text from others, made safe to show on a terminal (threats 38 and 60).

use std::fmt::Write;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The text with every character escaped that could command a terminal, reorder what is read, or
/// hide: controls (C0, C1, DEL), line and paragraph separators, bidirectional and other format
/// characters, characters that have no shape of their own, and private ones. Everything else,
/// backslashes included, stays.
pub fn escape_for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if is_unsafe_to_show(c) => {
                write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("a String takes any text");
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Controls, formats, separators of lines, private and unassigned characters by their category;
/// then those of Default_Ignorable_Code_Point that count as letters or marks, and the empty
/// Braille pattern.
fn is_unsafe_to_show(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    ) || matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 60
    #[test]
    fn nothing_that_commands_a_terminal_gets_through() {
        let hostile = "\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}2J\u{7f}\0\r\n\t";
        let shown = escape_for_terminal(hostile);
        assert!(shown.chars().all(|c| !c.is_control()), "{shown}");
        assert_eq!(shown, r"\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}2J\u{7f}\u{0}\r\n\t");
    }

    // threat 38
    #[test]
    fn nothing_reorders_or_hides() {
        for c in "\u{202e}\u{2066}\u{200e}\u{61c}\u{200b}\u{200d}\u{feff}\u{ad}\u{3164}\u{e0041}\u{2028}\u{fe0f}\u{fffe}\u{e000}".chars() {
            assert_eq!(escape_for_terminal(&format!("a{c}b")), format!("a\\u{{{:x}}}b", u32::from(c)));
        }
    }

    #[test]
    fn ordinary_text_stays() {
        let text = r"C:\temp 'ü' 密码 ключ \n {}";
        assert_eq!(escape_for_terminal(text), text);
    }
}
