//! Cutting a set of ops into stretches that are settled one after the other.
//!
//! Wherever everything later has seen everything earlier, nothing later can change a verdict on
//! what came before: no reduction there is unseen, and before any of the later ops is judged, all
//! of the earlier ones are settled among themselves by the same rules. So the set falls apart at
//! such points. In a team that syncs, almost every stretch is a single op, and a single op that
//! has seen everything before it keeps the verdict of its birth.

use std::ops::Range;

use super::history::{History, Op};

/// The stretches of a set that is closed under causes, as ranges of `ops`, the newest first.
///
/// `ops` are its live ops, ascending.
pub(super) fn newest_first<'a, I: Ord + Clone, M: Ord + Clone, D: Ord + Clone>(
    history: &'a History<I, M, D>,
    ops: &'a [Op],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut end = ops.len();
    std::iter::from_fn(move || {
        let last = ops[..end].last()?;
        // What everyone from here on has seen. It is closed and holds only earlier ops of the
        // set, so it is all of them as soon as the numbers agree.
        let mut shared = history.ops[*last].control.origin.past.clone();
        let mut count = history.ops[*last].seen;
        let mut start = end - 1;
        while start > 0 && count != start {
            start -= 1;
            let earlier = &history.ops[ops[start]];
            shared.meet(&earlier.control.origin.past);
            count = history.count(&shared);
        }
        let stretch = start..end;
        end = start;
        Some(stretch)
    })
}
