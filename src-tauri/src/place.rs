//! The web view stays where it is: at the files that are built into the program (threat 70).

use tauri::plugin::{Builder, TauriPlugin};
use tauri::{Runtime, Url};

/// Denies every navigation away from them.
pub fn stay<R: Runtime>() -> TauriPlugin<R> {
    Builder::new("place")
        .on_navigation(|_, url| is_ours(url))
        .build()
}

fn is_ours(url: &Url) -> bool {
    let spelled = (url.scheme(), url.host_str());
    match cfg!(windows) {
        true => matches!(spelled, ("http" | "https", Some("tauri.localhost"))),
        // The spelling of Windows would be a server on this machine.
        false => spelled == ("tauri", Some("localhost")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 70
    #[test]
    fn only_what_is_built_in_is_shown() {
        let ours = |url: &str| is_ours(&Url::parse(url).unwrap());
        assert_eq!(ours("tauri://localhost/index.html"), !cfg!(windows));
        assert_eq!(ours("http://tauri.localhost/"), cfg!(windows));
        for other in [
            "https://example.org",
            "http://localhost:1420",
            "file:///etc/passwd",
            "data:text/html,hello",
            "tauri://localhost.example.org",
        ] {
            assert!(!ours(other), "{other}");
        }
    }
}
