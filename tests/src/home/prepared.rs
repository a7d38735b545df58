//! One initialised home for all tests of one build of the program, shared between their
//! processes through a folder beside the binary.

use std::fs::{self, File};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::{Home, call, copy_tree};

/// Copies the prepared `SEALFOLD_HOME` to `target`; whoever comes first makes it.
pub(super) fn copy_to(target: &Path) {
    let binary = call::binary();
    let cache = binary.with_file_name("prepared-homes");
    fs::create_dir_all(&cache).unwrap();
    // Held to the end: nobody copies while another makes or clears.
    let lock = File::create(cache.join("lock")).unwrap();
    lock.lock().expect("a lock on the folder of prepared homes");

    let template = cache.join(stamp(&binary));
    if !template.exists() {
        clear(&cache);
        make(&template);
    }
    copy_tree(&template, target).expect("copying the prepared home");
}

/// What tells one build of the program from another.
fn stamp(binary: &Path) -> String {
    let file = fs::metadata(binary).expect("the binary is there");
    let built = file.modified().expect("this file system keeps times");
    let built = built
        .duration_since(UNIX_EPOCH)
        .expect("built after 1970")
        .as_nanos();
    format!("{:x}-{built:x}", file.len())
}

/// Removes the homes of builds that are gone.
fn clear(cache: &Path) {
    let entries = fs::read_dir(cache).unwrap().map(Result::unwrap);
    for entry in entries.filter(|entry| entry.path().is_dir()) {
        fs::remove_dir_all(entry.path()).unwrap();
    }
}

/// Runs `init` aside and moves the result into place, so that half a home is never seen.
fn make(template: &Path) {
    let home = Home::empty();
    // The cheapest slot that is allowed: 64 MiB, three passes.
    home.sealfold(["init", "--unlock-millis", "1", "--recovery-file"])
        .arg(home.path().join("recovery"))
        .with_passphrase()
        .run()
        .success();
    let aside = template.with_extension("new");
    copy_tree(&home.sealfold_home(), &aside).unwrap();
    fs::rename(aside, template).unwrap();
}
