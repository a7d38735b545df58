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
        recovery_words: None,
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

#[tokio::test]
async fn a_log_key_that_is_handed_on_as_a_bundle_key_stays_a_log_key() {
    // threat 2: anybody who has the log key can put it into a bundle's wraps.
    let folder = tempfile::tempdir().unwrap();
    let [mut session, _] = two(&home(&folder)).await;
    let open = session.open.as_mut().unwrap();
    let id = open.teams.home().id;
    let team = &mut open.teams[&id];
    let log_key = *team.keyring.log_keys().next().unwrap();
    let secret = crypto::SecretBytes::from_slice(team.keyring.log_key(&log_key).unwrap().expose());
    let bundle = ::team::ids::BundleId::make();
    let learned = team.keyring.add_bundle_key(bundle, secret.unwrap());
    let changes = Changes {
        keys: vec![team.stored_key(learned).unwrap()],
        ..Changes::default()
    };
    open.vault
        .commit(changes, Durability::Durable)
        .await
        .unwrap();
    open.reload().await.unwrap();
    let keyring = &open.teams.home().keyring;
    assert!(keyring.log_key(&log_key).is_some() && keyring.bundle_key(&log_key).is_some());
    assert!(open.teams.home().is_member());
}

#[tokio::test]
async fn a_team_that_can_not_be_read_does_not_lock_out_the_others() {
    // threat 13: whatever somebody in one team may find to send, it must not cost the others.
    let folder = tempfile::tempdir().unwrap();
    let [mut session, _] = two(&home(&folder)).await;
    let new = crate::team::NewTeam {
        name: "acme".to_owned(),
        separate: true,
    };
    ask(&mut session, new.into_request()).await;
    let bundle = |name: &str| crate::bundles::New {
        name: name.to_owned(),
        dry_run: false,
    };
    ask(&mut session, bundle("personal/api/dev").into_request()).await;
    let open = session.open.as_mut().unwrap();
    let acme = open.teams.named("acme").unwrap();
    let (team, log_key) = (acme.id, *acme.keyring.log_keys().next().unwrap());
    let changes = Changes {
        keys_removed: vec![(team, vault::KeyKind::LogKey, log_key)],
        ..Changes::default()
    };
    open.vault
        .commit(changes, Durability::Durable)
        .await
        .unwrap();
    open.reload().await.unwrap();
    let home = open.teams.home().id;
    assert!(open.teams.get(&team).is_none() && open.teams.holds(&team) && home != team);
    // The other is there, by its name; what would have to look into both is refused.
    let refused = |fault: Fault| fault.code == Code::Integrity;
    let open = session.open.as_ref().unwrap();
    let find = |name| crate::bundles::find_usable(&open.teams, Some(name));
    assert_eq!(find("personal/api/dev").unwrap().team, home);
    assert!(refused(find("api/dev").unwrap_err()));
    assert!(refused(find("acme/api/dev").unwrap_err()));
    assert!(open.teams.meant(None).is_err_and(refused));
    let checks = match ask(
        &mut session,
        crate::vaults::Doctor::default().into_request(),
    )
    .await
    {
        Reply::Doctor(report) => report.checks,
        _ => unreachable!("a doctor's answer"),
    };
    let teams = checks.iter().find(|check| check.name == "teams").unwrap();
    assert_eq!(teams.failure, Some(Code::Integrity));
    assert!(teams.sentence.contains(&team.to_string()[..8]));
}
