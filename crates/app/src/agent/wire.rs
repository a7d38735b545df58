//! What crosses the agent's socket, the same for the blocking client and the asynchronous server.
//!
//! Both ends open with a hello that never changes its shape: eight bytes `sealfold` and the
//! protocol's version (u16, big-endian). Then the client sends one frame with a
//! [`Request`](crate::Request) and gets one back with a `Result<Reply, Fault>`. One connection
//! carries one request, so nothing has to be said about order, and a client that hangs holds up
//! nobody. A frame is its length (u32, big-endian) and that many bytes of CBOR. Before the answer the
//! agent may send a frame of nothing: a person is asked whether it may be given.
//!
//! Frames hold plaintext: they live in a [`Buffer`], which is wiped when it grows or goes.

use std::io::{self, Write};

use cbor4ii::core::{dec::Read as _, utils::SliceReader};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::error::WireError;

/// Version of the protocol. To be raised whenever a request or a reply changes its shape.
pub(crate) const VERSION: u16 = 7;

/// Largest frame that either end accepts, in bytes, without its length.
pub(crate) const FRAME_LIMIT: usize = 128 * 1024 * 1024;

/// Size of a hello in bytes.
pub(crate) const HELLO: usize = MAGIC.len() + 2;

/// What the agent says to a client that waits for a person: a frame of nothing. The answer follows.
pub(crate) const WAITS: [u8; PREFIX] = [0; PREFIX];

const MAGIC: [u8; 8] = *b"sealfold";
const PREFIX: usize = 4;
/// What is set aside for a frame before any of it has arrived, in bytes, whatever it claims.
const FIRST_CHUNK: usize = 64 * 1024;

/// The hello of this end.
pub(crate) fn hello() -> [u8; HELLO] {
    let mut hello = [0; HELLO];
    hello[..MAGIC.len()].copy_from_slice(&MAGIC);
    hello[MAGIC.len()..].copy_from_slice(&VERSION.to_be_bytes());
    hello
}

/// Whether the other end can be talked to.
pub(crate) fn check_hello(hello: &[u8; HELLO]) -> Result<(), WireError> {
    let (magic, version) = hello.split_at(MAGIC.len());
    let theirs = u16::from_be_bytes([version[0], version[1]]);
    match (magic == MAGIC, theirs) {
        (false, _) => Err(WireError::Stranger),
        (true, VERSION) => Ok(()),
        (true, theirs) => Err(WireError::Version { theirs }),
    }
}

/// Bytes that may hold plaintext. Wiped on drop, and when they move because they grow.
#[derive(Default)]
pub(crate) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    /// The bytes so far.
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Makes room for `more` bytes. `Vec` would leave its old bytes behind when it moves.
    fn reserve(&mut self, more: usize) {
        let needed = self.0.len() + more;
        if needed > self.0.capacity() {
            let mut moved = Vec::with_capacity(needed.max(2 * self.0.capacity()));
            moved.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(moved);
        }
    }
}

/// Refuses to grow beyond the largest frame.
impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > PREFIX + FRAME_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A whole frame, length included, ready to be sent. Fails with `TooLarge` only, as long as the
/// value can be put into CBOR at all.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Buffer, WireError> {
    let mut frame = Buffer::default();
    frame.write_all(&[0; PREFIX])?;
    cbor4ii::serde::to_writer(&mut frame, value).map_err(|error| match error {
        cbor4ii::serde::EncodeError::Core(_) => WireError::TooLarge,
        _ => WireError::Malformed,
    })?;
    let length = u32::try_from(frame.0.len() - PREFIX).expect("the buffer refuses to grow so far");
    frame.0[..PREFIX].copy_from_slice(&length.to_be_bytes());
    Ok(frame)
}

/// The value of a frame. Refuses bytes that are left over. Never says what it read.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    let mut decoder = cbor4ii::serde::Deserializer::new(SliceReader::new(bytes));
    let value = T::deserialize(&mut decoder).map_err(|_| WireError::Malformed)?;
    let rest = decoder.into_inner().fill(1).map(|rest| rest.as_ref().len());
    match rest {
        Ok(0) => Ok(value),
        _ => Err(WireError::Malformed),
    }
}

/// A frame that is arriving. What it sets aside grows with what has come, not with what was
/// claimed: a length alone costs its sender more than us.
pub(crate) struct Incoming {
    buffer: Buffer,
    length: usize,
}

impl Incoming {
    /// Size of the length before a frame, in bytes.
    pub(crate) const PREFIX: usize = PREFIX;

    /// A frame of the given length is to come.
    pub(crate) fn announced(prefix: [u8; PREFIX]) -> Result<Self, WireError> {
        let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
        if length > FRAME_LIMIT {
            return Err(WireError::TooLarge);
        }
        Ok(Self {
            buffer: Buffer::default(),
            length,
        })
    }

    /// Where the next bytes go; the caller fills all of it. None when the frame is whole.
    pub(crate) fn next_chunk(&mut self) -> Option<&mut [u8]> {
        let start = self.buffer.0.len();
        let size = (self.length - start).min(start.max(FIRST_CHUNK));
        self.buffer.reserve(size);
        self.buffer.0.resize(start + size, 0);
        (size > 0).then(|| &mut self.buffer.0[start..])
    }

    /// The value of the frame, once it is whole.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, WireError> {
        decode(&self.buffer.0)
    }
}

/// Reads one frame from something that blocks.
pub(crate) fn read<T: DeserializeOwned>(from: &mut impl io::Read) -> Result<T, WireError> {
    let mut prefix = [0; PREFIX];
    from.read_exact(&mut prefix)?;
    read_rest(prefix, from)
}

/// As [`read`]; calls `waits` as often as the other end says that a person is asked first.
pub(crate) fn read_or_wait<T: DeserializeOwned>(
    from: &mut impl io::Read,
    waits: impl Fn(),
) -> Result<T, WireError> {
    let mut prefix = [0; PREFIX];
    loop {
        from.read_exact(&mut prefix)?;
        if prefix != WAITS {
            return read_rest(prefix, from);
        }
        waits();
    }
}

fn read_rest<T: DeserializeOwned>(
    prefix: [u8; PREFIX],
    from: &mut impl io::Read,
) -> Result<T, WireError> {
    let mut frame = Incoming::announced(prefix)?;
    while let Some(chunk) = frame.next_chunk() {
        from.read_exact(chunk)?;
    }
    frame.decode()
}

#[cfg(test)]
mod tests;
