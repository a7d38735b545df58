//! A remote in memory, whose view per client a test controls: the harness's malicious remote.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::counts::{Counter, Request};
use crate::listing::PAGE;
use crate::remote::Budget;
use crate::{
    Cause, Creation, Fetched, Listing, ObjectName, Prefix, Remote, RemoteError, Said,
    TransportFault,
};

/// What all clients write to. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Vec<Object>>>);

#[derive(Clone, Debug)]
struct Object {
    name: ObjectName,
    bytes: Vec<u8>,
    /// A fork: only clients of this side see it.
    side: Option<u8>,
}

impl MemoryStore {
    /// A client of its own, and the hand on what it sees.
    pub fn client(&self) -> (Remote, MemoryView) {
        let counter = Arc::new(Counter::default());
        let view = MemoryView(Arc::default());
        let client = MemoryClient {
            store: self.clone(),
            view: view.clone(),
            counter: Arc::clone(&counter),
        };
        (Remote::in_memory(client, counter), view)
    }

    /// How many objects were ever created: a point in time, for [`MemoryView::roll_back_to`].
    pub fn len(&self) -> usize {
        lock(&self.0).len()
    }

    /// Whether nothing was created yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shows what was created on one side of a fork to the other too: one object, or all with
    /// `None`.
    pub fn join_sides(&self, name: Option<&ObjectName>) {
        let mut objects = lock(&self.0);
        let joined = |it: &&mut Object| name.is_none_or(|name| it.name == *name);
        objects
            .iter_mut()
            .filter(joined)
            .for_each(|it| it.side = None);
    }

    /// Everything that was created, in order, whoever may see it.
    pub fn objects(&self) -> Vec<(ObjectName, Vec<u8>)> {
        let objects = lock(&self.0);
        let each = objects.iter().map(|it| (it.name.clone(), it.bytes.clone()));
        each.collect()
    }
}

/// What one client sees of a [`MemoryStore`]: the truth, until told otherwise. Clones are the
/// same view.
#[derive(Clone, Debug)]
pub struct MemoryView(Arc<Mutex<View>>);

#[derive(Debug, Default)]
struct View {
    offline: bool,
    /// Requests that still get through.
    left: Option<u64>,
    until: Option<usize>,
    side: Option<u8>,
    hidden: BTreeSet<ObjectName>,
    /// Listings that an object still misses.
    delayed: BTreeMap<ObjectName, u32>,
    tampered: BTreeMap<ObjectName, Vec<u8>>,
    reversed: bool,
    repeated: bool,
}

impl MemoryView {
    /// No request gets through, until `false`. What is created meanwhile fails.
    pub fn set_offline(&self, offline: bool) {
        lock(&self.0).offline = offline;
    }

    /// So many more requests get through, and no others; all with `None`.
    pub fn fail_after(&self, requests: Option<u64>) {
        lock(&self.0).left = requests;
    }

    /// Shows everything as it is again, on no side of a fork.
    pub fn tell_the_truth(&self) {
        *lock(&self.0) = View::default();
    }

    /// Shows only the first `count` objects that were created (threats 5, 6); all with `None`.
    /// Own new objects are stored, and not shown either.
    pub fn roll_back_to(&self, count: Option<usize>) {
        lock(&self.0).until = count;
    }

    /// From now on what this client creates is seen only by clients of the same side (threat
    /// 7); what was there before, and what is created without a side, by all.
    pub fn fork(&self, side: Option<u8>) {
        lock(&self.0).side = side;
    }

    /// Withholds an object (threats 8, 9), or no longer.
    pub fn hide(&self, name: &ObjectName, hidden: bool) {
        let mut view = lock(&self.0);
        if hidden {
            view.hidden.insert(name.clone());
        } else {
            view.hidden.remove(name);
        }
    }

    /// Withholds an object until after so many further listings (threat 10).
    pub fn delay(&self, name: &ObjectName, listings: u32) {
        lock(&self.0).delayed.insert(name.clone(), listings);
    }

    /// Gives other bytes under a name (threats 1, 2), whether there is such an object or not.
    pub fn tamper(&self, name: &ObjectName, bytes: Vec<u8>) {
        lock(&self.0).tampered.insert(name.clone(), bytes);
    }

    /// Ends all tampering.
    pub fn restore(&self) {
        lock(&self.0).tampered.clear();
    }

    /// Gives listings in the wrong order, and each name twice, as no other remote does: the
    /// caller must not mind (threat 10).
    pub fn scramble(&self, reversed: bool, repeated: bool) {
        let mut view = lock(&self.0);
        view.reversed = reversed;
        view.repeated = repeated;
    }
}

/// One client.
#[derive(Debug)]
pub(crate) struct MemoryClient {
    store: MemoryStore,
    view: MemoryView,
    counter: Arc<Counter>,
}

impl MemoryClient {
    pub fn list(&self, prefix: &Prefix, after: Option<&str>) -> Result<Listing, RemoteError> {
        self.counter.count(Request::Listing);
        let mut view = self.online()?;
        let mut listing = Listing::default();
        for (name, bytes) in self.seen(&view) {
            let in_page = listing.objects.len() < PAGE;
            if in_page {
                let size = bytes.len() as u64;
                listing.add(prefix, after, name.as_str().as_bytes(), size);
            } else {
                listing.next = listing.objects.last().map(|it| it.name.to_string());
                break;
            }
        }
        for left in view.delayed.values_mut() {
            *left = left.saturating_sub(1);
        }
        view.delayed.retain(|_, left| *left > 0);
        if view.repeated {
            let again = listing.objects.clone();
            listing.objects.extend(again);
        }
        if view.reversed {
            listing.objects.reverse();
        }
        Ok(listing)
    }

    pub fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let seen = self.seen(&lock(&self.view.0));
        let mut budget = Budget::new(all);
        let mut fetched = Vec::new();
        for name in names {
            drop(self.online()?);
            self.counter.count(Request::Get);
            let one = match seen.get(name) {
                None => Fetched::Absent,
                Some(bytes) if bytes.len() as u64 > each => Fetched::TooLarge,
                Some(bytes) if !budget.takes(bytes.len() as u64) => break,
                Some(bytes) => Fetched::Whole(bytes.clone()),
            };
            fetched.push(one);
        }
        Ok(fetched)
    }

    pub fn create_many(
        &self,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Creation>, RemoteError> {
        let create = |(name, bytes): &(ObjectName, Vec<u8>)| {
            let side = self.online()?.side;
            self.counter.count(Request::Put);
            let mut stored = lock(&self.store.0);
            let same_name =
                |it: &&Object| it.name == *name && (it.side.is_none() || it.side == side);
            Ok(match stored.iter().find(same_name) {
                Some(there) if there.bytes == *bytes => Creation::SameAlready,
                Some(_) => Creation::DifferentAlready,
                None => {
                    stored.push(Object {
                        name: name.clone(),
                        bytes: bytes.clone(),
                        side,
                    });
                    Creation::Created
                }
            })
        };
        objects.iter().map(create).collect()
    }

    /// One request, if it gets through.
    fn online(&self) -> Result<MutexGuard<'_, View>, RemoteError> {
        let mut view = lock(&self.view.0);
        let through = view.left.is_none_or(|left| left > 0);
        view.left = view.left.map(|left| left.saturating_sub(1));
        if view.offline || !through {
            return Err(RemoteError::Unreachable {
                source: Cause::Transport {
                    fault: TransportFault::Connect,
                    said: Said::new(b"offline"),
                },
            });
        }
        Ok(view)
    }

    fn seen(&self, view: &View) -> BTreeMap<ObjectName, Vec<u8>> {
        let stored = lock(&self.store.0);
        let until = view.until.unwrap_or(stored.len());
        let mut seen: BTreeMap<_, _> = stored
            .iter()
            .take(until)
            .filter(|it| it.side.is_none() || it.side == view.side)
            .map(|it| (it.name.clone(), it.bytes.clone()))
            .collect();
        seen.extend(view.tampered.clone());
        seen.retain(|name, _| !view.hidden.contains(name) && !view.delayed.contains_key(name));
        seen
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that failed elsewhere must not hide behind this.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
