//! Paths that a person gave.

use std::path::Path;

use app::{Code, Fault};

/// An absolute path as text, for a request that another process carries out.
pub fn absolute(path: &Path) -> Result<String, Fault> {
    let absolute = std::path::absolute(path).map_err(|error| {
        let about = format!("{}: {error}", path.display());
        Fault::new(Code::Io, "The path can't be used.").about(about)
    })?;
    absolute.into_os_string().into_string().map_err(|path| {
        let fault = Fault::new(Code::Usage, "The path is not UTF-8.");
        fault
            .about(path.to_string_lossy())
            .next("Give a path of readable characters.")
    })
}
