//! A team of two: one at the window, the other in a terminal.

use sealfold_tests::home::Home;
use serde_json::Value;
use tempfile::TempDir;

use crate::screen::{Screen, Window};

/// Somebody else, in a terminal, with a vault of their own.
pub struct Bob(Home);

impl Bob {
    fn new() -> Self {
        let home = Home::empty();
        let init = ["init", "--unlock-millis", "1", "--recovery-file", "words"];
        let named = ["--member", "bob", "--device", "bob-laptop"];
        let init = home.sealfold(init.into_iter().chain(named));
        init.with_passphrase().run().success();
        home.sealfold(["unlock"]).with_passphrase().run().success();
        Self(home)
    }

    pub fn does(&self, line: &str) -> String {
        let call = self.0.sealfold(line.split(' ')).arg("--no-input");
        call.run().success().text().to_owned()
    }

    pub fn sets(&self, bundle: &str, name: &str, value: &str) {
        let set = ["set", "-b", bundle, name, "--stdin"];
        self.0.sealfold(set).stdin(value).run().success();
    }
}

/// Ann at her screen, whose team has bob in it; they sync in a folder.
pub struct Two {
    pub screen: Screen,
    pub bob: Bob,
    place: TempDir,
}

impl Two {
    pub fn meet() -> Option<Self> {
        let screen = Screen::empty()?;
        let init = ["init", "--unlock-millis", "1", "--recovery-file", "words"];
        let named = ["--member", "ann", "--device", "laptop"];
        let init = screen.home.sealfold(init.into_iter().chain(named));
        init.with_passphrase().run().success();
        let two = Self {
            screen,
            bob: Bob::new(),
            place: tempfile::tempdir().unwrap(),
        };
        let unlock = two.screen.sealfold(["unlock"]);
        unlock.with_passphrase().run().success();
        two.ann("team new acme");
        let folder = two.place.path().to_str().unwrap().to_owned();
        two.ann(&format!("remote add folder {folder}"));
        two.ann("bundle new api/prod");
        let set = ["set", "-b", "api/prod", "TOKEN", "--stdin"];
        two.screen.sealfold(set).stdin("first").run().success();
        Some(two)
    }

    pub fn ann(&self, line: &str) -> String {
        let call = self.screen.sealfold(line.split(' '));
        call.run().success().text().to_owned()
    }

    /// Bob is let in and has the bundle, all in terminals.
    pub fn shares(&self) {
        let invitation = self.ann("invite --name bob --role writer");
        let join = ["join", "--name", "bob", "--no-input"];
        let join = self.bob.0.sealfold(join).stdin(invitation);
        join.run().success();
        self.ann("sync");
        self.ann("approve bob --yes");
        self.ann("share api/prod --with bob");
        self.ann("sync");
        self.bob.does("sync");
        assert_eq!(self.bob.does("get -b api/prod TOKEN"), "first");
    }

    fn exposed(&self) -> usize {
        let exposed: Value = serde_json::from_str(&self.ann("exposed ls --json")).unwrap();
        exposed.as_array().unwrap().len()
    }
}

async fn goes_to(window: &Window, page: &str) {
    window.presses_that_begins(page).await;
}

#[tokio::test]
async fn a_teammate_is_invited_let_in_and_given_a_bundle_in_the_window() {
    let Some(two) = Two::meet() else { return };
    let window = two.screen.open().await;
    window.sees("nav").await;
    goes_to(&window, "Team").await;
    window.press("Invite").await;
    window.types("For whom", "bob").await;
    window.press("Make the invitation").await;
    let invitation = window.takes_copy_of("Copy: Invitation", &two.screen).await;

    let join = ["join", "--name", "bob", "--no-input"];
    let joined = two.bob.0.sealfold(join).stdin(invitation).run().success();
    let words = joined.text().trim_end().to_owned();

    window.press("Done").await;
    two.ann("sync");
    window.presses_that_begins("Join requests").await;
    window.press("Approve").await;
    window.types("The ten words", &words).await;
    window.press("Compare and approve").await;
    window.says("bob is in acme").await;

    window.opens_menu("api/prod", "Share").await;
    window.ticks("bob").await;
    window.press("Share with 1 member").await;
    window.says("api/prod is shared with bob").await;
    two.ann("sync");
    two.bob.does("sync");
    assert_eq!(two.bob.does("get -b api/prod TOKEN"), "first");
}

#[tokio::test]
async fn a_conflict_is_settled_in_the_window() {
    let Some(two) = Two::meet() else { return };
    two.shares();
    let set = ["set", "-b", "api/prod", "TOKEN", "--stdin"];
    two.screen.sealfold(set).stdin("ann's").run().success();
    two.bob.0.sealfold(set).stdin("bob's").run().success();
    two.ann("sync");
    two.bob.does("sync");
    two.ann("sync");
    let window = two.screen.open().await;
    window.sees("nav").await;
    goes_to(&window, "Conflicts").await;
    window.chooses("TOKEN").await;
    window.press("Settle…").await;
    // Hidden until they are asked for.
    window.says("by bob").await;
    assert!(!window.source().await.contains("bob's"));
    window.takes_side("by bob").await;
    window.says("The conflict of TOKEN is settled").await;
    assert_eq!(two.ann("get -b api/prod TOKEN"), "bob's");
    two.ann("sync");
    two.bob.does("sync");
    assert_eq!(two.bob.does("conflicts ls --json").trim(), "[]");
}

#[tokio::test]
async fn a_member_is_removed_and_the_list_worked_to_zero() {
    let Some(two) = Two::meet() else { return };
    two.shares();
    let window = two.screen.open().await;
    window.sees("nav").await;
    goes_to(&window, "Team").await;
    window.opens_menu("bob", "Remove from the team").await;
    // What it means is shown before it is done.
    window.says("This will have to be changed, 1 version").await;
    assert_eq!(two.exposed(), 0);
    window.press("Remove bob from acme").await;
    goes_to(&window, "Exposed").await;
    window.says("1 entry left").await;
    assert_eq!(two.exposed(), 1);
    // A new value takes it off the list.
    let set = ["set", "-b", "api/prod", "TOKEN", "--stdin"];
    two.screen.sealfold(set).stdin("second").run().success();
    window.says("Nothing is exposed").await;
    two.ann("sync");
    two.bob.does("sync");
    let get = ["get", "-b", "api/prod", "TOKEN"];
    two.bob.0.sealfold(get).run().code(16);
}
