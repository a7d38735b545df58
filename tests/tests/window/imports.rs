//! A `.env` is dropped on the window.

use std::fs;
use std::path::Path;

use crate::screen::Screen;

const SMALL: &str = "# of a shop\nPORT=8080\nGREETING=\"hello there\"\nwhat is this\n";

#[tokio::test]
async fn a_dropped_env_is_previewed_and_taken_in() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let window = screen.open().await;
    window.sees("nav").await;
    window.drops(".env", SMALL).await;
    window.says("Import a .env").await;
    window.types("Into the bundle", "shop/dev").await;
    window.press("Preview").await;
    window.says("GREETING").await;
    // What could not be kept is said before anything is.
    window.says("Line 4").await;
    let list = ["ls", "-b", "shop/dev"];
    screen.sealfold(list).run().code(10);
    window.press("Import 2 changes into shop/dev").await;
    window.says("2 changes are imported").await;
    let get = ["get", "-b", "shop/dev", "GREETING"];
    assert_eq!(screen.sealfold(get).run().success().text(), "hello there");
}

#[tokio::test]
async fn the_samples_of_real_projects_are_taken_in_as_the_terminal_does() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/dotenv");
    let Ok(samples) = fs::read_dir(&samples) else {
        eprintln!("skipped: no samples beside the checkout");
        return;
    };
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let window = screen.open().await;
    window.sees("nav").await;
    for (at, sample) in samples.enumerate() {
        let path = sample.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (dropped, imported) = (format!("window/s{at}"), format!("terminal/s{at}"));
        window.drops(".env", &text).await;
        window.says("Import a .env").await;
        if at > 0 {
            // The bundle shown is proposed, and what it would mean for that one is shown at once.
            window.press("Back").await;
            window.clears("Into the bundle").await;
        }
        window.types("Into the bundle", &dropped).await;
        window.press("Preview").await;
        window.presses_that_begins("Import ").await;
        window.closes().await;
        let file = path.to_str().unwrap();
        let import = ["import", file, "-b", &imported];
        let code = screen.sealfold(import).run().status.code();
        assert!(matches!(code, Some(0 | 14)), "{file}: {code:?}");
        let both = ["diff", &dropped, &imported];
        screen.sealfold(both).run().success();
    }
}
