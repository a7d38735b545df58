//! What a machine needs, and getting it there: asked first where a person can be asked.

mod needs;
mod packages;
mod readers;

use anyhow::Result;

pub use needs::{BUILD, CEPH, FUZZ, PACKAGE, SCREENS, TESTS, TRIAL};
pub use readers::install as install_readers;

use crate::workspace::step;

/// Installs what is missing of `needs` through the system's package manager.
pub fn install(needs: &[needs::Need], yes: bool) -> Result<()> {
    let missing: Vec<_> = needs.iter().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step("install what is missing", || {
        packages::install(&missing, yes)
    })
}
