//! People with a vault each, and the remote that they share.

use std::fs;
use std::path::{Path, PathBuf};

use remotes::{MemoryStore, MemoryView};
use tempfile::TempDir;
use vault::Check;

use super::grounds::{Client, Ground, Place};

use crate::bundles::BundleView;
use crate::entries::{EntryRef, NewValue, Remove, Reveal, Saved, Set};
use crate::requests::Ask;
use crate::session::{Caller, Session};
use crate::sync::{AddRemote, Sync, TeamSync};
use crate::team::{
    Approve, Invite, Join, Joining, ListRequests, MemberView, NewTeam, Share, TeamView,
};
use crate::vaults::{Init, Key};
use crate::{Fault, Home, Overrides, Plaintext};

/// Where everybody's remote is: the store that each home's courier leads to.
pub const PLACE: &str = "folder:/shared";

/// One person's vault, unlocked.
pub struct Person {
    pub session: Session,
    /// What they see of the remote.
    pub view: MemoryView,
    pub words: Plaintext,
    /// Where that view is made real, if it is.
    place: Option<Place>,
    path: PathBuf,
    _folder: Option<TempDir>,
}

fn session_at(path: &Path) -> Session {
    let overrides = Overrides {
        home: Some(path.to_owned()),
        vault: None,
    };
    Session::new(Home::find(&overrides).unwrap(), None)
}

impl Person {
    /// A machine without a vault.
    pub fn empty(store: &MemoryStore) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), Ground::Memory.client(store))
    }

    pub async fn new(name: &str, store: &MemoryStore) -> Self {
        Self::on(name, store, &Ground::Memory).await
    }

    pub async fn on(name: &str, store: &MemoryStore, ground: &Ground) -> Self {
        let mut person = Self::in_folder(tempfile::tempdir().unwrap(), ground.client(store));
        let init = Init {
            passphrase: Plaintext::from_text("seven folded cranes".to_owned()),
            keychain: false,
            unlock_millis: Some(1),
            member_name: Some(name.to_owned()),
            device_name: Some(format!("{name}s-laptop")),
            recovery_words: None,
        };
        person.words = person.ask(init).await.recovery_words;
        person
    }

    fn in_folder(folder: TempDir, client: Client) -> Self {
        let mut session = session_at(folder.path());
        session.couriers.put(PLACE, client.remote);
        Self {
            session,
            view: client.view,
            words: Plaintext::new(Vec::new()),
            place: client.place,
            path: folder.path().to_owned(),
            _folder: Some(folder),
        }
    }

    /// Somebody's vault in another process.
    pub async fn at(path: PathBuf, words: Plaintext) -> Self {
        let mut person = Self {
            session: session_at(&path),
            view: MemoryStore::default().client().1,
            words,
            place: None,
            path,
            _folder: None,
        };
        person.open().await;
        person
    }

    /// Where the vault is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn copied_words(&self) -> Plaintext {
        Plaintext::new(self.words.expose().to_vec())
    }

    /// The vault as somebody has it who copied its files to another machine.
    pub async fn copy(&self, store: &MemoryStore, ground: &Ground) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in fs::read_dir(&self.path).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
            }
        }
        let mut twin = Self::in_folder(folder, ground.client(store));
        twin.words = self.copied_words();
        twin.open().await;
        twin
    }

    /// By the paper's words, which cost no time.
    pub async fn open(&mut self) {
        let key = Key::RecoveryWords(self.copied_words());
        self.session.open_vault(key, Check::Full).await.unwrap();
    }

    /// As the next command finds it: everything out of memory, and in again.
    pub async fn reopen(&mut self) {
        self.session.lock().await;
        self.open().await;
    }

    pub async fn try_ask<A: Ask>(&mut self, ask: A) -> Result<A::Answer, Fault> {
        if let Some(place) = &mut self.place {
            place.lay_out().await;
        }
        let request = ask.into_request();
        let reply = Box::pin(self.session.ask(request, Caller::default())).await;
        if let Some(place) = &mut self.place {
            place.gather().await;
        }
        Ok(A::answer(reply?).unwrap())
    }

    pub async fn ask<A: Ask>(&mut self, ask: A) -> A::Answer {
        match self.try_ask(ask).await {
            Ok(answer) => answer,
            Err(fault) => panic!("{fault:?} {:?} {:?}", fault.subject, fault.next),
        }
    }

    /// Syncs; all has to be well.
    pub async fn sync(&mut self) -> TeamSync {
        let report = self.look(false).await;
        assert_eq!(report.failure, None);
        assert_eq!(report.findings, []);
        report
    }

    /// Syncs, whatever comes of it.
    pub async fn look(&mut self, full: bool) -> TeamSync {
        let mut teams = self.ask(Sync { team: None, full }).await.teams;
        assert_eq!(teams.len(), 1);
        teams.remove(0)
    }

    pub async fn found(&mut self, name: &str) -> TeamView {
        let new = NewTeam {
            name: name.to_owned(),
            separate: false,
        };
        let team = self.ask(new).await;
        let remote = AddRemote {
            team: None,
            location: PLACE.to_owned(),
        };
        self.ask(remote).await;
        self.sync().await;
        team
    }

    pub async fn invite(&mut self, role: &str) -> Plaintext {
        let invite = Invite {
            team: None,
            role: role.to_owned(),
            name: None,
            days: None,
        };
        let invited = self.ask(invite).await;
        self.sync().await;
        invited.text
    }

    pub async fn join(&mut self, invitation: Plaintext) -> Joining {
        let join = Join {
            invitation,
            name: None,
            device_name: None,
            location: None,
            recovery_words: None,
        };
        self.ask(join).await
    }

    /// Lets the other in, words compared, until both know of each other.
    pub async fn let_in(&mut self, other: &mut Person, role: &str) -> MemberView {
        let invitation = self.invite(role).await;
        let joining = other.join(invitation).await;
        assert_eq!(joining.failure, None);
        self.sync().await;
        let requests = self.ask(ListRequests { team: None }).await;
        let request = requests.iter().find(|one| one.words == joining.words);
        let approve = Approve {
            team: None,
            request: request.unwrap().id.clone(),
            words: Some(joining.words),
        };
        let member = self.ask(approve).await;
        self.sync().await;
        other.sync().await;
        self.sync().await;
        member
    }

    pub async fn set(&mut self, bundle: &str, name: &str, value: &str) -> Saved {
        self.try_set(bundle, name, value).await.unwrap()
    }

    pub async fn try_set(&mut self, bundle: &str, name: &str, value: &str) -> Result<Saved, Fault> {
        let value = NewValue::Given(Plaintext::from_text(value.to_owned()));
        let set = Set {
            bundle: Some(bundle.to_owned()),
            name: name.to_owned(),
            kind: None,
            fields: vec![(String::new(), value)],
            without_fields: Vec::new(),
            tags: None,
            metadata: crate::entries::Metadata::default(),
            expected_version: None,
            dry_run: false,
        };
        self.try_ask(set).await
    }

    pub async fn remove(&mut self, bundle: &str, name: &str) {
        let remove = Remove {
            bundle: Some(bundle.to_owned()),
            names: vec![name.to_owned()],
            dry_run: false,
        };
        self.ask(remove).await;
    }

    pub async fn try_get(&mut self, bundle: &str, name: &str) -> Result<String, Fault> {
        let reveal = Reveal {
            entry: EntryRef::Named {
                bundle: Some(bundle.to_owned()),
                name: name.to_owned(),
            },
            field: None,
            version: None,
            operation: "get".to_owned(),
        };
        let revealed = self.try_ask(reveal).await?;
        Ok(revealed.value.expose_text().unwrap().to_owned())
    }

    pub async fn get(&mut self, bundle: &str, name: &str) -> String {
        match self.try_get(bundle, name).await {
            Ok(value) => value,
            Err(fault) => panic!("{fault:?} {:?}", fault.subject),
        }
    }

    pub async fn share(&mut self, bundle: &str, with: &str) -> BundleView {
        let share = Share {
            bundle: bundle.to_owned(),
            entry: None,
            with: vec![with.to_owned()],
            history: false,
        };
        self.ask(share).await
    }

    /// How many commits the vault has seen.
    pub fn commits(&self) -> u64 {
        self.session.open.as_ref().unwrap().vault.counter()
    }

    /// Requests to the shared remote so far.
    pub fn requests(&mut self) -> u64 {
        self.session
            .couriers
            .connect(PLACE)
            .unwrap()
            .counts()
            .requests()
    }

    /// Makes a bundle.
    pub async fn set_up_bundle(&mut self) {
        let new = crate::bundles::New {
            name: "api/dev".to_owned(),
            dry_run: false,
        };
        self.ask(new).await;
    }

    /// A fingerprint of what the rules decided: equal for people who know the same ops.
    pub fn state_hash(&self) -> [u8; 32] {
        let open = self.session.open.as_ref().unwrap();
        let team = open.teams.iter().find(|team| !team.is_personal()).unwrap();
        team.ledger.state_hash()
    }
}
