//! The in-memory remote, and each way in which it lies to one client and not to another.

use remotes::{Creation, MemoryStore, RemoteError};

use crate::{name, prefix, suite};

#[tokio::test]
async fn contract() {
    suite::all(&MemoryStore::default()).await;
}

#[tokio::test]
async fn each_client_has_its_own_view() {
    let store = MemoryStore::default();
    let ((ann, _), (bob, view)) = (store.client(), store.client());
    let [a, b] = [name("x/a"), name("x/b")];
    ann.create(&a, b"a").await.unwrap();
    let before = store.len();
    ann.create(&b, b"b").await.unwrap();
    let all = prefix("x");
    let seen = async || {
        let listing = bob.list(&all, None).await.unwrap();
        suite::names(&listing).join(" ")
    };

    view.roll_back_to(Some(before));
    assert_eq!(seen().await, "x/a");
    view.roll_back_to(None);
    view.hide(&a, true);
    assert_eq!(seen().await, "x/b");
    view.hide(&a, false);
    view.delay(&b, 2);
    let three = [seen().await, seen().await, seen().await];
    assert_eq!(three, ["x/a", "x/a", "x/a x/b"]);
    view.tamper(&a, b"other".to_vec());
    assert_eq!(bob.get(&a, 10).await.unwrap(), b"other");
    view.restore();
    assert_eq!(bob.get(&a, 10).await.unwrap(), b"a");
    view.scramble(true, true);
    assert_eq!(seen().await, "x/b x/a x/b x/a");
    view.scramble(false, false);
    view.set_offline(true);
    let error = bob.create(&a, b"").await.unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }));
    view.set_offline(false);

    view.fork(Some(1));
    assert_eq!(
        bob.create(&name("x/c"), b"bob").await.unwrap(),
        Creation::Created
    );
    assert_eq!(
        ann.create(&name("x/c"), b"ann").await.unwrap(),
        Creation::Created
    );
    assert_eq!(ann.get(&name("x/c"), 10).await.unwrap(), b"ann");
    assert_eq!(bob.get(&name("x/c"), 10).await.unwrap(), b"ann");
    assert_eq!(ann.list(&all, None).await.unwrap().objects.len(), 3);
}
