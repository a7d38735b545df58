//! Secrets and files coming in, from a file or from standard input, without stray copies.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use app::{Code, Fault, Plaintext};
use zeroize::Zeroizing;

/// The most that is read from one source, bytes. Beyond it lies no secret, but an endless device
/// or a mistake (threat 13).
const LIMIT: usize = 64 << 20;

/// The most that a line may hold, bytes: a passphrase or recovery words.
const LINE_LIMIT: usize = 64 << 10;

/// Where something is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input, spelt `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Self {
        if argument == "-" {
            Source::Stdin
        } else {
            Source::File(argument.into())
        }
    }
}

impl Source {
    /// Its name for messages and for the lineage of what comes from it: the file's own name, or
    /// that it is no file.
    pub fn name(&self) -> String {
        match self {
            Source::Stdin => "standard input".to_owned(),
            Source::File(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
        }
    }

    /// Everything in it.
    pub fn bytes(&self) -> Result<Plaintext, Fault> {
        let mut buffer = Buffer::new(LIMIT);
        self.read(|reader| {
            let mut chunk = Zeroizing::new([0; 16 << 10]);
            loop {
                match reader.read(&mut *chunk) {
                    Ok(0) => return Ok(()),
                    Ok(count) => buffer.push(&chunk[..count])?,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        })?;
        Ok(buffer.into_plaintext())
    }

    /// Its first line, without the line end. Of standard input nothing more is taken, so that
    /// what follows is there for whoever reads next.
    pub fn first_line(&self) -> Result<Plaintext, Fault> {
        let mut line = Buffer::new(LINE_LIMIT);
        self.read(|reader| read_line(reader, &mut line))?;
        line.drop_end(b"\r");
        if line.bytes.is_empty() {
            let fault = Fault::new(Code::Usage, "The first line is empty.").about(self.name());
            return Err(fault.next("Put the passphrase or the words on the first line."));
        }
        Ok(line.into_plaintext())
    }

    /// Its first `count` words, over as many lines as they take; lines that start with `#` are
    /// remarks. Fewer when there are no more.
    pub fn words(&self, count: usize) -> Result<Plaintext, Fault> {
        let mut words = Buffer::new(LINE_LIMIT);
        self.read(|reader| {
            let mut found = 0;
            while found < count {
                let mut line = Buffer::new(LINE_LIMIT);
                read_line(reader, &mut line)?;
                if line.bytes.is_empty() && line.ended {
                    break;
                }
                if line.bytes.starts_with(b"#") {
                    continue;
                }
                let parts = line.bytes.split(u8::is_ascii_whitespace);
                for word in parts.filter(|word| !word.is_empty()).take(count - found) {
                    if found > 0 {
                        words.push(b" ")?;
                    }
                    words.push(word)?;
                    found += 1;
                }
            }
            Ok(())
        })?;
        Ok(words.into_plaintext())
    }

    fn read<T>(&self, work: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> Result<T, Fault> {
        let done = match self {
            // Unbuffered: a buffer would take more than the line that was asked for.
            Source::Stdin => unbuffered_stdin().and_then(|mut stdin| work(&mut stdin)),
            Source::File(path) => File::open(path).and_then(|mut file| work(&mut file)),
        };
        done.map_err(|error| {
            let code = match error.kind() {
                io::ErrorKind::NotFound => Code::NotFound,
                io::ErrorKind::FileTooLarge => Code::Usage,
                _ => Code::Io,
            };
            let name = match self {
                Source::Stdin => self.name(),
                Source::File(path) => path.display().to_string(),
            };
            Fault::new(code, "The input can't be read.").about(format!("{name}: {error}"))
        })
    }
}

/// Takes off one line end, as `echo` and editors leave behind.
pub fn without_line_end(value: Plaintext) -> Plaintext {
    // EXPOSE: only the end is looked at, and the rest stays secret.
    let bytes = value.expose();
    let Some(rest) = bytes.strip_suffix(b"\n") else {
        return value;
    };
    Plaintext::new(rest.strip_suffix(b"\r").unwrap_or(rest).to_vec())
}

/// Takes out all white space, as mail programs put it in.
pub fn without_whitespace(text: &Plaintext) -> Plaintext {
    // EXPOSE: only spaces and line ends are looked at, and the rest stays secret.
    let bytes = text.expose().iter().copied();
    let mut kept = Vec::with_capacity(text.len());
    kept.extend(bytes.filter(|byte| !byte.is_ascii_whitespace()));
    Plaintext::new(kept)
}

#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
fn unbuffered_stdin() -> io::Result<io::StdinLock<'static>> {
    Ok(io::stdin().lock())
}

/// Reads up to the next newline, byte by byte.
fn read_line(reader: &mut dyn Read, line: &mut Buffer) -> io::Result<()> {
    let mut byte = Zeroizing::new([0]);
    loop {
        match reader.read(&mut *byte) {
            Ok(0) => {
                line.ended = true;
                return Ok(());
            }
            Ok(_) if byte[0] == b'\n' => return Ok(()),
            Ok(_) => line.push(&*byte)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Grows like a `Vec`, but wipes what it grows out of.
struct Buffer {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
    /// Whether the source ended here.
    ended: bool,
}

impl Buffer {
    fn new(limit: usize) -> Self {
        Self {
            bytes: Zeroizing::default(),
            limit,
            ended: false,
        }
    }

    fn push(&mut self, more: &[u8]) -> io::Result<()> {
        let length = self.bytes.len() + more.len();
        if length > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if length > self.bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity((length * 2).max(256)));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    fn drop_end(&mut self, end: &[u8]) {
        if self.bytes.ends_with(end) {
            let length = self.bytes.len() - end.len();
            self.bytes.truncate(length);
        }
    }

    fn into_plaintext(mut self) -> Plaintext {
        Plaintext::new(std::mem::take(&mut *self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        std::fs::write(&path, content).unwrap();
        (folder, Source::File(path))
    }

    #[test]
    fn the_first_line_and_no_more() {
        for content in [&b"pass word"[..], b"pass word\n", b"pass word\r\nmore\n"] {
            let (_folder, source) = file(content);
            assert_eq!(source.first_line().unwrap().expose(), b"pass word");
        }
        let (_folder, empty) = file(b"\nmore\n");
        assert_eq!(empty.first_line().unwrap_err().code, Code::Usage);
    }

    #[test]
    fn words_over_lines_and_past_remarks() {
        let (_folder, source) = file(b"# keep safe\none two\r\n\n  three four\n# team: five\n");
        assert_eq!(source.words(3).unwrap().expose(), b"one two three");
        assert_eq!(source.words(9).unwrap().expose(), b"one two three four");
    }

    #[test]
    fn everything_whatever_its_size() {
        let content: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let (_folder, source) = file(&content);
        assert_eq!(source.bytes().unwrap().expose(), content);
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_device_is_refused() {
        // threat 13
        let fault = Source::File("/dev/zero".into()).bytes().unwrap_err();
        assert_eq!(fault.code, Code::Usage);
    }

    #[test]
    fn white_space_goes() {
        let text = Plaintext::from_text(" ab-\r\n\tcd \n".to_owned());
        assert_eq!(without_whitespace(&text).expose(), b"ab-cd");
    }

    #[test]
    fn one_line_end_goes() {
        let stripped = |text: &str| {
            let value = without_line_end(Plaintext::from_text(text.to_owned()));
            String::from_utf8(value.expose().to_vec()).unwrap()
        };
        assert_eq!(stripped("x\n\n"), "x\n");
        assert_eq!(stripped("x\r\n"), "x");
        assert_eq!(stripped("x"), "x");
        assert_eq!(stripped("\n"), "");
    }
}
