//! People with a vault each, and the remote that they share.

use remotes::{MemoryStore, MemoryView};
use tempfile::TempDir;

use crate::bundles::BundleView;
use crate::entries::{EntryRef, NewValue, Remove, Reveal, Saved, Set};
use crate::requests::Ask;
use crate::session::{Caller, Session};
use crate::sync::{AddRemote, Sync, TeamSync};
use crate::team::{
    Approve, Invite, Join, Joining, ListRequests, MemberView, NewTeam, Share, TeamView,
};
use crate::vaults::Init;
use crate::{Fault, Home, Overrides, Plaintext};

/// Where everybody's remote is: the store that each home's courier leads to.
pub const PLACE: &str = "folder:/shared";

/// One person's vault, unlocked.
pub struct Person {
    pub session: Session,
    /// What they see of the remote.
    pub view: MemoryView,
    pub words: Plaintext,
    _folder: TempDir,
}

impl Person {
    /// A machine without a vault.
    pub fn empty(store: &MemoryStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            home: Some(folder.path().to_owned()),
            vault: None,
        };
        let mut session = Session::new(Home::find(&overrides).unwrap(), None);
        let (remote, view) = store.client();
        session.couriers.put(PLACE, remote);
        Self {
            session,
            view,
            words: Plaintext::new(Vec::new()),
            _folder: folder,
        }
    }

    pub async fn new(name: &str, store: &MemoryStore) -> Self {
        let mut person = Self::empty(store);
        let init = Init {
            passphrase: Plaintext::from_text("seven folded cranes".to_owned()),
            keychain: false,
            unlock_millis: Some(1),
            member_name: Some(name.to_owned()),
            device_name: Some(format!("{name}s-laptop")),
        };
        person.words = person.ask(init).await.recovery_words;
        person
    }

    pub async fn try_ask<A: Ask>(&mut self, ask: A) -> Result<A::Answer, Fault> {
        let request = ask.into_request();
        let reply = Box::pin(self.session.ask(request, Caller::default())).await?;
        Ok(A::answer(reply).unwrap())
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

    /// Loads the vault anew, as the next process does.
    pub async fn reopen(&mut self) {
        let open = self.session.open.as_mut().unwrap();
        open.reload().await.unwrap();
    }

    /// A fingerprint of what the rules decided: equal for people who know the same ops.
    pub fn state_hash(&self) -> [u8; 32] {
        let open = self.session.open.as_ref().unwrap();
        let team = open.teams.iter().find(|team| !team.is_personal()).unwrap();
        team.ledger.state_hash()
    }
}
