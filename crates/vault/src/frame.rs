//! One unambiguous encoding for what is hashed, authenticated or bound as aad: each field
//! carries its kind and length, so that no two different lists of fields give the same bytes
//! (threat 15).

/// Takes the columns of a row, in the order of its table.
pub(crate) trait Columns {
    fn bytes(&mut self, value: &[u8]);
    fn optional_bytes(&mut self, value: Option<&[u8]>);
    fn text(&mut self, value: &str);
    fn int(&mut self, value: i64);
    fn optional_int(&mut self, value: Option<i64>);
}

/// Fields under a label that says what they are.
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    const NULL: u8 = 0;
    const BYTES: u8 = 1;
    const INT: u8 = 2;

    pub(crate) fn new(label: &str) -> Self {
        let mut frame = Self(Vec::with_capacity(1024));
        frame.bytes(label.as_bytes());
        frame
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl Columns for Frame {
    fn bytes(&mut self, value: &[u8]) {
        self.0.push(Self::BYTES);
        self.0
            .extend_from_slice(&(value.len() as u64).to_be_bytes());
        self.0.extend_from_slice(value);
    }

    fn optional_bytes(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.bytes(value),
            None => self.0.push(Self::NULL),
        }
    }

    /// As its bytes in UTF-8: no column holds now text, now bytes.
    fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    fn int(&mut self, value: i64) {
        self.0.push(Self::INT);
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn optional_int(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.int(value),
            None => self.0.push(Self::NULL),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut frame = Frame::new("test");
        fields.iter().for_each(|field| frame.optional_bytes(*field));
        frame.as_slice().to_vec()
    }

    #[test]
    fn fields_never_run_into_each_other() {
        // threat 15
        assert_ne!(
            framed(&[Some(b"ab"), Some(b"c")]),
            framed(&[Some(b"a"), Some(b"bc")])
        );
        assert_ne!(framed(&[None, Some(b"")]), framed(&[Some(b""), None]));
        assert_ne!(framed(&[Some(b"")]), framed(&[]));

        let mut int = Frame::new("test");
        int.int(1);
        assert_ne!(int.as_slice(), framed(&[Some(&1_i64.to_be_bytes())]));
    }
}
