//! Counting requests: what the promises on speed are measured in.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many requests a remote has made since it was connected. Repeated ones count each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// S3: pages of a listing. Memory: listings.
    pub listings: u64,
    /// S3: objects asked for. Folder and memory: objects read.
    pub gets: u64,
    /// S3: objects sent. Folder and memory: objects written.
    pub puts: u64,
    /// Git: questions for the branch's head.
    pub ls_remotes: u64,
    /// Git: fetches.
    pub fetches: u64,
    /// Git: pushes, the refused ones too.
    pub pushes: u64,
    /// Folder: directories read.
    pub directories: u64,
}

impl Counts {
    /// Everything that went to a server: all but a folder's directories.
    pub fn requests(&self) -> u64 {
        self.listings + self.gets + self.puts + self.ls_remotes + self.fetches + self.pushes
    }
}

/// What a [`Counter`] counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    Listing,
    Get,
    Put,
    LsRemote,
    Fetch,
    Push,
    Directory,
}

/// Counts for one remote, from any thread.
#[derive(Debug, Default)]
pub(crate) struct Counter([AtomicU64; 7]);

impl Counter {
    pub fn count(&self, request: Request) {
        self.0[request as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Counts {
        let of = |request: Request| self.0[request as usize].load(Ordering::Relaxed);
        Counts {
            listings: of(Request::Listing),
            gets: of(Request::Get),
            puts: of(Request::Put),
            ls_remotes: of(Request::LsRemote),
            fetches: of(Request::Fetch),
            pushes: of(Request::Push),
            directories: of(Request::Directory),
        }
    }
}
