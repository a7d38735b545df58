//! Recovery words are written down before anything is made with them.

use tempfile::TempDir;

use super::{Init, Key, Lock, NewRecovery, Unlock, draft_words};
use crate::session::{Caller, Session};
use crate::{Ask, Code, Fault, Home, Overrides, Plaintext};

struct Person {
    session: Session,
    _folder: TempDir,
}

fn person() -> Person {
    let folder = tempfile::tempdir().unwrap();
    let overrides = Overrides {
        home: Some(folder.path().to_owned()),
        vault: None,
    };
    Person {
        session: Session::new(Home::find(&overrides).unwrap(), None),
        _folder: folder,
    }
}

impl Person {
    async fn ask<A: Ask>(&mut self, ask: A) -> Result<A::Answer, Fault> {
        let reply = self.session.ask(ask.into_request(), Caller::default());
        Ok(A::answer(reply.await?).unwrap())
    }

    async fn makes_a_vault(&mut self, words: &Plaintext) -> Result<Plaintext, Fault> {
        let init = Init {
            passphrase: Plaintext::from_text("seven folded cranes".to_owned()),
            keychain: false,
            unlock_millis: Some(1),
            member_name: Some("ann".to_owned()),
            device_name: Some("laptop".to_owned()),
            recovery_words: Some(copy(words)),
        };
        self.ask(init).await.map(|created| created.recovery_words)
    }

    async fn opens_with(&mut self, words: &Plaintext) -> Result<(), Fault> {
        self.ask(Lock {}).await.unwrap();
        let unlock = Unlock {
            key: Key::RecoveryWords(copy(words)),
            ttl_seconds: None,
            full_check: true,
        };
        self.ask(unlock).await.map(|_| ())
    }
}

fn copy(words: &Plaintext) -> Plaintext {
    Plaintext::new(words.expose().to_vec())
}

fn renewal(current: &Plaintext, new: Option<&Plaintext>, draft: bool) -> NewRecovery {
    NewRecovery {
        current_words: copy(current),
        new_words: new.map(copy),
        draft,
    }
}

#[tokio::test]
async fn a_vault_is_made_with_words_that_are_on_paper_already() {
    let mut ann = person();
    let paper = draft_words();
    assert!(ann.makes_a_vault(&paper).await.unwrap() == paper);
    ann.opens_with(&paper).await.unwrap();
    assert!(draft_words() != paper);
}

#[tokio::test]
async fn what_are_no_recovery_words_makes_no_vault() {
    let mut ann = person();
    let short = Plaintext::from_text("zoo zoo zoo".to_owned());
    let fault = ann.makes_a_vault(&short).await.unwrap_err();
    assert_eq!(fault.code, Code::WrongKey);
    assert!(fault.message.contains("24"), "{fault:?}");
    assert!(!ann.session.home.vault_file().exists());
}

#[tokio::test]
async fn drafted_words_open_nothing_until_they_are_taken() {
    let mut ann = person();
    let old = draft_words();
    ann.makes_a_vault(&old).await.unwrap();
    let drafted = ann.ask(renewal(&old, None, true)).await.unwrap().words;
    ann.opens_with(&drafted).await.unwrap_err();
    ann.opens_with(&old).await.unwrap();

    let taken = ann.ask(renewal(&old, Some(&drafted), false)).await.unwrap();
    assert!(taken.words == drafted);
    ann.opens_with(&old).await.unwrap_err();
    ann.opens_with(&drafted).await.unwrap();
}

#[tokio::test]
async fn a_draft_wants_the_present_words_and_new_ones_are_new() {
    let mut ann = person();
    let old = draft_words();
    ann.makes_a_vault(&old).await.unwrap();
    let others = draft_words();
    let fault = ann.ask(renewal(&others, None, true)).await.unwrap_err();
    assert_eq!(fault.code, Code::WrongKey);
    let same = ann.ask(renewal(&old, Some(&old), false)).await;
    assert_eq!(same.unwrap_err().code, Code::Usage);
    ann.opens_with(&old).await.unwrap();
}
