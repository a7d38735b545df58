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
    // As Windows and Android spell it, and as the others do.
    let spelled = (url.scheme(), url.host_str());
    matches!(
        spelled,
        ("http" | "https", Some("tauri.localhost")) | ("tauri", Some("localhost"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 70
    #[test]
    fn only_what_is_built_in_is_shown() {
        let ours = |url: &str| is_ours(&Url::parse(url).unwrap());
        assert!(ours("tauri://localhost/index.html"));
        assert!(ours("http://tauri.localhost/"));
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
