//! A commit as `git fast-import` reads it: one process, and only the trees on the way to a new
//! file are written anew; everything else stays as it is, whatever it is.

use super::Oid;
use crate::ObjectName;

/// Who writes, to everyone who may see the repository: nobody in particular. The date is that of
/// the push, not a fixed one, since some hosts remove branches that look stale.
const COMMITTER: &str = "committer Sealfold <sealfold@localhost> now\n";
/// No build is started for it.
const MESSAGE: &str = "Sealfold [skip ci]\n";
/// Where fast-import leaves the commit.
const PENDING_REF: &str = "refs/sealfold/pending";

/// The input for a commit that adds `new` to `parent`. Its answer is the commit's id.
pub(super) fn stream(parent: Option<&Oid>, new: &[(&ObjectName, &Vec<u8>)]) -> Vec<u8> {
    let mut input = Vec::new();
    for (number, (_, bytes)) in new.iter().enumerate() {
        let head = format!("blob\nmark :{}\ndata {}\n", number + 2, bytes.len());
        input.extend_from_slice(head.as_bytes());
        input.extend_from_slice(bytes);
        input.push(b'\n');
    }
    let mut tail = format!("commit {PENDING_REF}\nmark :1\n{COMMITTER}");
    tail += &format!("data {}\n{MESSAGE}", MESSAGE.len());
    if let Some(parent) = parent {
        tail += &format!("from {}\n", parent.as_str());
    }
    for (number, (name, _)) in new.iter().enumerate() {
        // The characters of a name need no quoting.
        tail += &format!("M 100644 :{} {name}\n", number + 2);
    }
    tail += "get-mark :1\ndone\n";
    input.extend_from_slice(tail.as_bytes());
    input
}
