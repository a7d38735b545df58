//! Work on a thread of its own, over a real vault.

use remotes::MemoryStore;

use super::{on_a_thread, start, stopped};
use crate::Code;
use crate::requests::Ask;
use crate::session::Caller;
use crate::sync::Sync;
use crate::sync::tests::Person;

fn sync() -> Sync {
    Sync {
        team: None,
        full: false,
    }
}

// threat 51: what is locked signs and pushes nothing any more, and has no keys.
#[tokio::test]
async fn work_that_is_stopped_has_let_go_of_everything() {
    let store = MemoryStore::default();
    let mut ann = Person::new("ann", &store).await;
    let beside = ann.session.beside().await.unwrap();
    let request = sync().into_request();
    let (answer, running) = start(beside, request, Caller::default()).unwrap();
    running.stop().await;
    // Stopped, or at its end before that: there is no remote.
    let code = answer.await.unwrap().unwrap_err().code;
    assert!(matches!(code, Code::Locked | Code::NotFound), "{code:?}");
    // The vault is nobody else's now.
    ann.set_up_bundle().await;
}

#[tokio::test]
async fn work_that_hangs_is_stopped_and_says_why() {
    let (answer, mut running) = on_a_thread(async || std::future::pending().await).unwrap();
    running.tell_to_stop(stopped());
    assert_eq!(answer.await.unwrap().unwrap_err(), stopped());
    // A lock that comes after has nothing to wait for.
    running.stop().await;
}
