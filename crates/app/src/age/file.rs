//! Age files are written and opened.

use std::io::{self, BufReader, Read, Write};

use ::age::armor::{ArmoredReader, ArmoredWriter, Format};
use ::age::{DecryptError, Decryptor, Encryptor};
use crypto::SecretVec;

use super::{Identities, Recipient};
use crate::{Code, Fault};

/// How every binary age file begins, and every armored one.
const BEGINNINGS: [&[u8]; 2] = [
    b"age-encryption.org/",
    b"-----BEGIN AGE ENCRYPTED FILE-----",
];

/// In which form a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Bytes.
    Binary,
    /// Text that survives a mail or a chat.
    Armored,
}

impl Form {
    pub(crate) fn armored(armored: bool) -> Self {
        if armored { Self::Armored } else { Self::Binary }
    }
}

/// Whether bytes begin like an age file.
pub fn is_age_file(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    BEGINNINGS
        .iter()
        .any(|beginning| text.starts_with(beginning))
}

/// Encrypts to all of `to`, each of whom can open it alone.
///
/// # Panics
/// Without any recipient.
pub(crate) fn seal(mut plaintext: &[u8], to: &[Recipient], form: Form) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plaintext.len() + plaintext.len() / 2 + 1024);
    copy_sealed(&mut plaintext, &mut sealed, to, form).expect("memory takes all bytes");
    sealed
}

/// Encrypts all of `from` into `into`.
///
/// # Panics
/// As [`seal`].
pub(crate) fn copy_sealed(
    from: &mut dyn Read,
    into: &mut dyn Write,
    to: &[Recipient],
    form: Form,
) -> io::Result<()> {
    let keys = to.iter().map(Recipient::as_age);
    let encryptor = Encryptor::with_recipients(keys)
        .expect("X25519 and SSH keys can stand beside each other, and there is one");
    let format = match form {
        Form::Binary => Format::Binary,
        Form::Armored => Format::AsciiArmor,
    };
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(into, format)?)?;
    io::copy(from, &mut writer)?;
    writer.finish()?.finish()?.flush()
}

/// What an age file holds.
///
/// # Errors
/// `wrong key` where none of the identities opens it, `integrity` where it was changed or cut.
pub(crate) fn open(sealed: &[u8], identities: &Identities) -> Result<SecretVec, Fault> {
    // The plaintext is shorter than the file, so the buffer never grows and leaves no copy.
    let mut plaintext = Vec::with_capacity(sealed.len() + 1);
    let read = opened(sealed, identities)?.read_to_end(&mut plaintext);
    let plaintext = SecretVec::new(plaintext);
    read.map(|_| plaintext).map_err(|_| changed())
}

/// Decrypts all of `from` into `into`.
///
/// # Errors
/// As [`open`]; `io` where `into` takes nothing.
pub(crate) fn copy_opened(
    from: &mut dyn Read,
    into: &mut dyn Write,
    identities: &Identities,
) -> Result<(), Fault> {
    let mut reader = opened(from, identities)?;
    let mut chunk = zeroize::Zeroizing::new([0; 64 << 10]);
    loop {
        let count = reader.read(&mut *chunk).map_err(|_| changed())?;
        if count == 0 {
            return Ok(());
        }
        into.write_all(&chunk[..count]).map_err(|error| {
            Fault::new(
                Code::Io,
                format!("The file can't be written: {}.", error.kind()),
            )
        })?;
    }
}

fn opened<'a>(from: impl Read + 'a, identities: &Identities) -> Result<impl Read + 'a, Fault> {
    let armored = ArmoredReader::new(from);
    let decryptor = Decryptor::new_buffered(BufReader::new(armored)).map_err(fault)?;
    decryptor.decrypt(identities.iter()).map_err(fault)
}

fn fault(error: DecryptError) -> Fault {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed => Fault::new(
            Code::WrongKey,
            "The age file is encrypted to others, or with a passphrase.",
        )
        .next("Ask for one that is encrypted to you: `sealfold age recipient` shows to what. Or decrypt it with `age -d` first."),
        DecryptError::InvalidHeader | DecryptError::InvalidMac | DecryptError::Io(_) => changed(),
        _ => Fault::new(Code::Usage, "The age file is of a kind that is not known here.")
            .next("Decrypt it with `age -d` first."),
    }
}

fn changed() -> Fault {
    Fault::new(
        Code::Integrity,
        "The age file was changed, or is not whole.",
    )
    .next("Get it once more.")
}
