//! Numbers in sentences.

/// A number with the word for what is counted: `1 entry`, `2 entries`.
pub fn counted(number: u64, one: &str, several: &str) -> String {
    let word = if number == 1 { one } else { several };
    format!("{number} {word}")
}
