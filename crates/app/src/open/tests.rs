use std::fs;

use super::*;
use crate::requests::{Ask, Reply, Request};
use crate::session::Session;
use crate::vaults::{Init, Key, Unlock};
use crate::{Overrides, Plaintext};

fn passphrase() -> Plaintext {
    Plaintext::from_text("seven folded cranes".to_owned())
}

fn home(folder: &tempfile::TempDir) -> Home {
    let overrides = Overrides {
        home: Some(folder.path().to_owned()),
        vault: None,
    };
    Home::find(&overrides).unwrap()
}

async fn ask(session: &mut Session, request: Request) -> Reply {
    session.ask(request, Caller::default()).await.unwrap()
}

/// Two processes' views of one new vault.
async fn two(home: &Home) -> [Session; 2] {
    let mut first = Session::new(home.clone(), None);
    let init = Init {
        passphrase: passphrase(),
        keychain: false,
        unlock_millis: Some(1),
        member_name: Some("ann".to_owned()),
        device_name: Some("laptop".to_owned()),
    };
    ask(&mut first, init.into_request()).await;
    let mut second = Session::new(home.clone(), None);
    let unlock = Unlock {
        key: Key::Passphrase(passphrase()),
        ttl_seconds: None,
        full_check: false,
    };
    ask(&mut second, unlock.into_request()).await;
    [first, second]
}

#[tokio::test]
async fn what_is_noted_goes_in_though_another_process_came_first() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    let [mut first, mut second] = two(&home).await;
    let caller = Caller::default();
    let (first, second) = (first.open.as_mut().unwrap(), second.open.as_mut().unwrap());
    let rows = first.vault.audit_count();

    first.record(&caller, AuditEntry::default()).await.unwrap();
    notes::note_failed_unlocks(&home, &[1, 2]);
    second.take_in_failed_unlocks(&home, &caller).await.unwrap();
    first.catch_up().await.unwrap();
    assert_eq!(first.vault.audit_count(), rows + 3);
    let left = fs::read_dir(folder.path()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.contains("failed")).count(), 0);

    first.record(&caller, AuditEntry::default()).await.unwrap();
    second.mark_rolled_back().await.unwrap();
    assert_ne!(second.vault.standing(), Standing::Enrolled);
}
