//! One initialised home for all tests of one build of the program, shared between their
//! processes through a folder beside the binary.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::{Home, call};

/// The `SEALFOLD_HOME` to copy, made by whoever comes first.
pub(super) fn template() -> PathBuf {
    let binary = call::binary();
    let stamp = fs::metadata(&binary).expect("the binary is there");
    let built = stamp
        .modified()
        .expect("this file system keeps times")
        .duration_since(UNIX_EPOCH)
        .expect("built after 1970")
        .as_nanos();
    let cache = binary.with_file_name("prepared-homes");
    fs::create_dir_all(&cache).unwrap();
    let template = cache.join(format!("{:x}-{built:x}", stamp.len()));

    let lock = File::create(cache.join("lock")).unwrap();
    lock.lock().expect("a lock on the folder of prepared homes");
    if !template.exists() {
        make(&template);
    }
    template
}

/// Runs `init` aside and moves the result into place, so that half a home is never seen.
fn make(template: &std::path::Path) {
    let home = Home::empty();
    let recovery = home.path().join("recovery");
    // The cheapest slot that is allowed: 64 MiB, three passes.
    home.sealfold(["init", "--unlock-millis", "1", "--recovery-file"])
        .arg(recovery)
        .with_passphrase()
        .run()
        .success();
    let aside = template.with_extension("new");
    if aside.exists() {
        fs::remove_dir_all(&aside).unwrap();
    }
    super::copy_tree(&home.sealfold_home(), &aside).unwrap();
    fs::rename(&aside, template).unwrap();
}
