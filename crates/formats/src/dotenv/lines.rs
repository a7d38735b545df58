//! From positions to line numbers, in one pass over the text.

/// Counts lines up to positions that only go forward. `\n`, `\r\n` and a lone `\r` end a line, as
/// editors show it.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of `position`, counted from 1. A position before an earlier one gets its line.
    pub fn line_at(&mut self, position: usize) -> usize {
        while self.at < position {
            let ends = match self.text[self.at] {
                b'\n' => true,
                b'\r' => self.text.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += usize::from(ends);
            self.at += 1;
        }
        self.line
    }
}
