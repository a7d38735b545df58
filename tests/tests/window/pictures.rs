//! The pictures in `docs/screens`, taken of the real window by `cargo xtask screens`: so they stay true.
//! Each screen is taken in two themes and three sizes into the folder that `SEALFOLD_SCREENS` names; the
//! ten that `xtask/src/screens.rs` names are checked in.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::screen::{Screen, Window};
use crate::team::Two;

const DEV: &str = "DATABASE_URL=postgres://localhost/shop\nREDIS_URL=redis://localhost\nSTRIPE_KEY=sk_test_4eC39HqLyjWD\nSMTP_PASSWORD=mailpit\nLOG_LEVEL=debug\n";
const PROD: &str = "DATABASE_URL=postgres://shop:9fQ2@db.internal/shop\nREDIS_URL=redis://cache.internal\nSTRIPE_KEY=sk_live_51Mzq8KdT\nSMTP_PASSWORD=pU7w-rZ3k\nSENTRY_DSN=https://c0ffee@sentry.internal/4\n";

/// A team at work: environments, every kind of entry, a conflict, somebody who left.
fn at_work() -> Option<Two> {
    let two = Two::meet()?;
    two.shares();
    let import = |bundle: &str, text: &str| {
        let call = two.screen.sealfold(["import", "-", "-b", bundle]);
        call.stdin(text).run().success();
    };
    import("shop/dev", DEV);
    import("shop/staging", &DEV.replace("debug", "info"));
    import("shop/prod", PROD);
    import("site/dev", "ANALYTICS_ID=G-4\nPREVIEW_SECRET=hush\n");
    let set = |kind: &str, name: &str, more: &[&str], value: &str| {
        let base = ["set", "-b", "shop/prod", "--kind", kind, name, "--stdin"];
        let args = base.iter().chain(more).map(|arg| (*arg).to_owned());
        two.screen.home.sealfold(args).stdin(value).run().success();
    };
    set(
        "note",
        "on-call",
        &[],
        "Ring the one who is on the list, then the next.",
    );
    set("one-time-password", "registrar", &[], "JBSWY3DPEHPK3PXP");
    set(
        "login",
        "database-console",
        &["--tag", "postgres", "--owner", "bob"],
        "kT4-pp2-Wq9",
    );
    two.ann("share shop/prod --with bob");
    two.ann("sync");
    two.bob.does("sync");
    let token = ["set", "-b", "shop/prod", "STRIPE_KEY", "--stdin"];
    two.screen
        .sealfold(token)
        .stdin("sk_live_ann")
        .run()
        .success();
    two.bob.sets("shop/prod", "STRIPE_KEY", "sk_live_bob");
    two.ann("sync");
    two.bob.does("sync");
    two.ann("sync");
    Some(two)
}

struct Camera {
    folder: PathBuf,
    theme: &'static str,
    size: [u32; 2],
}

impl Camera {
    async fn takes(&self, window: &Window, screen: &Screen, name: &str) {
        window.settles().await;
        let name = format!("{name}-{}-{}.png", self.theme, self.size[0]);
        screen.photographs(self.size, &self.folder.join(name));
    }

    /// How the window is set when it is opened.
    fn sets_up(&self, screen: &Screen) {
        let settings = screen.home.sealfold_home().join("window.json");
        fs::create_dir_all(settings.parent().unwrap_or(Path::new("/"))).unwrap();
        let ([width, height], theme) = (self.size, self.theme);
        let chosen = format!(r#"{{"theme":"{theme}","size":[{width},{height}]}}"#);
        fs::write(settings, chosen).unwrap();
    }
}

#[tokio::test]
#[ignore = "takes pictures; `cargo xtask screens` runs it"]
async fn take_the_pictures() {
    let folder = PathBuf::from(env::var_os("SEALFOLD_SCREENS").expect("SEALFOLD_SCREENS is set"));
    for theme in ["light", "dark"] {
        for size in [[1280, 800], [900, 600], [1600, 1000]] {
            let camera = Camera {
                folder: folder.clone(),
                theme,
                size,
            };
            first_run(&camera).await;
            every_day(&camera).await;
        }
    }
}

async fn first_run(camera: &Camera) {
    let screen = Screen::empty().expect("a display");
    camera.sets_up(&screen);
    let window = screen.open().await;
    window.says("Welcome to Sealfold").await;
    camera.takes(&window, &screen, "welcome").await;
    window.press("Create a vault").await;
    window.says("Your name").await;
    camera.takes(&window, &screen, "create").await;
}

async fn every_day(camera: &Camera) {
    let two = at_work().expect("a display");
    camera.sets_up(&two.screen);
    let window = two.screen.open().await;
    window.sees("nav").await;
    window.chooses("database-console").await;
    camera.takes(&window, &two.screen, "main").await;
    window.chooses("on-call").await;
    window.press("Reveal: Text").await;
    camera.takes(&window, &two.screen, "reveal").await;
    window
        .drops(".env", &DEV.replace("mailpit", "postfix"))
        .await;
    window.says("Import a .env").await;
    camera.takes(&window, &two.screen, "import").await;
    window.escapes().await;
    window.opens_menu("shop/dev", "Compare environments").await;
    window.says("SENTRY_DSN").await;
    camera.takes(&window, &two.screen, "environments").await;
    window.opens_menu("shop/prod", "Open as a table").await;
    camera.takes(&window, &two.screen, "bundle").await;
    window.presses_that_begins("Team").await;
    window.says("bob").await;
    camera.takes(&window, &two.screen, "team").await;
    window.opens_menu("bob", "Remove from the team").await;
    window.says("will have to be changed").await;
    camera.takes(&window, &two.screen, "removal").await;
    window.escapes().await;
    window.opens_menu("shop/prod", "Share").await;
    window.says("Reads it now").await;
    camera.takes(&window, &two.screen, "sharing").await;
    window.escapes().await;
    window.presses_that_begins("Conflicts").await;
    window.chooses("STRIPE_KEY").await;
    window.press("Settle…").await;
    window.says("by bob").await;
    camera.takes(&window, &two.screen, "conflict").await;
    window.escapes().await;
    for (page, says) in [
        ("Sync", "acme"),
        ("Audit", "matrix"),
        ("Generator", "Generate"),
        ("Settings", "Theme"),
    ] {
        window.presses_that_begins(page).await;
        window.says(says).await;
        camera
            .takes(&window, &two.screen, &page.to_lowercase())
            .await;
    }
    window.control('k').await;
    window.sees("[role=dialog]").await;
    camera.takes(&window, &two.screen, "palette").await;
    window.escapes().await;
    window.control('l').await;
    window.says("Sealfold is locked").await;
    camera.takes(&window, &two.screen, "locked").await;
}
