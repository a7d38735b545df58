//! Ops that came: their signatures verified and, where their log key is here, opened ahead, on as
//! many processors as there are; and put in an order in which few have to wait for others.

use std::cell::{Ref, RefCell};
use std::num::NonZero;
use std::rc::Rc;
use std::thread;

use team::SignedOp;
use team::keyring::{Keyring, Learned};

use crate::open::Team;

/// Ops for which another thread is worth its start.
const A_THREAD: usize = 64;

/// An op that came.
pub(super) struct Incoming {
    pub op: Vec<u8>,
    pub pack: Option<Vec<u8>>,
    /// The object that brought it.
    pub object: Option<String>,
    /// Until the ledger has it.
    signed: RefCell<Option<SignedOp>>,
}

impl Incoming {
    /// Bytes, of which nothing is known yet.
    pub fn new(op: Vec<u8>, pack: Option<Vec<u8>>, object: Option<String>) -> Self {
        Self {
            op,
            pack,
            object,
            signed: RefCell::default(),
        }
    }

    /// The op, if its signature was verified and holds.
    pub fn signed(&self) -> Ref<'_, Option<SignedOp>> {
        self.signed.borrow()
    }

    /// Hands the verified op over.
    pub fn take_signed(&self) -> Option<SignedOp> {
        self.signed.borrow_mut().take()
    }
}

/// Verifies the signatures of those that were not verified yet.
pub(super) fn verify(ops: &[Rc<Incoming>]) {
    let new: Vec<&Rc<Incoming>> = ops.iter().filter(|op| op.signed().is_none()).collect();
    let bytes: Vec<&[u8]> = new.iter().map(|op| op.op.as_slice()).collect();
    let verified = on_all_processors(bytes, |bytes| SignedOp::verify(bytes).ok());
    for (op, signed) in new.into_iter().zip(verified) {
        op.signed.replace(signed);
    }
}

/// Verifies and opens ops ahead, takes what keys they bring, and puts them in their order: first
/// what can't be opened, then by lamport time, which is a causal order of what honest devices wrote.
/// Gives the keys that were learned on the way.
pub(super) fn in_order(team: &mut Team, ops: &mut [Rc<Incoming>]) -> Vec<Learned> {
    verify(ops);
    let mut learned = Vec::new();
    loop {
        open_ahead(ops, &team.keyring);
        let before = learned.len();
        // From those that are open too: a new log key seals the one before it.
        for op in ops.iter() {
            if let Some(signed) = &*op.signed() {
                learned.extend(team.ledger.take_keys_ahead(signed, &mut team.keyring));
            }
        }
        if learned.len() == before {
            break;
        }
    }
    ops.sort_by_cached_key(|op| {
        let signed = op.signed();
        let signed = signed.as_ref();
        (signed.and_then(SignedOp::lamport), signed.map(SignedOp::id))
    });
    learned
}

fn open_ahead(ops: &[Rc<Incoming>], keys: &Keyring) {
    let closed = |op: &&Rc<Incoming>| {
        let signed = op.signed();
        signed.as_ref().is_some_and(|signed| {
            signed.lamport().is_none() && keys.log_key(&signed.log_key()).is_some()
        })
    };
    let closed: Vec<&Rc<Incoming>> = ops.iter().filter(closed).collect();
    let signed: Vec<SignedOp> = closed.iter().filter_map(|op| op.take_signed()).collect();
    let opened = on_all_processors(signed, |mut signed| {
        signed.open_ahead(keys);
        signed
    });
    for (op, signed) in closed.into_iter().zip(opened) {
        op.signed.replace(Some(signed));
    }
}

/// Does the same work for each, in order, on all processors.
fn on_all_processors<T: Send, U: Send>(items: Vec<T>, work: impl Fn(T) -> U + Sync) -> Vec<U> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = processors.min(items.len().div_ceil(A_THREAD));
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(threads);
    let mut shares: Vec<Vec<T>> = Vec::with_capacity(threads);
    let mut items = items.into_iter();
    for _ in 0..threads {
        shares.push(items.by_ref().take(share).collect());
    }
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<U>>()))
            .collect();
        let done = started.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::on_all_processors;

    #[test]
    fn the_order_is_kept() {
        for count in [0, 1, 63, 64, 65, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = on_all_processors(items, |item| 2 * item);
            assert_eq!(doubled, (0..count).map(|item| 2 * item).collect::<Vec<_>>());
        }
    }
}
