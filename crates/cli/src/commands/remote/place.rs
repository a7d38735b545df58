//! Where a remote is, from the arguments to the one text that says it.

use std::path::{Component, Path};

use app::{Code, Fault};
use clap::{Args, ValueEnum};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::file;

/// A place and its settings.
#[derive(Args)]
pub struct PlaceArgs {
    /// What kind of place
    kind: Kind,
    /// git: a URL or USER@HOST:PATH, with #BRANCH for another branch than sealfold; s3:
    /// s3://BUCKET/PREFIX; folder: its path
    location: String,
    /// s3: the address of a server other than AWS
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// s3: the region to sign for
    #[arg(long)]
    region: Option<String>,
    /// s3: the profile of the AWS configuration to take credentials from
    #[arg(long)]
    profile: Option<String>,
    /// s3: take an endpoint on another machine although it has no encryption
    #[arg(long, requires = "endpoint")]
    plain_http: bool,
}

/// Kinds of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A branch of a Git repository
    Git,
    /// A prefix of an S3 bucket
    S3,
    /// A folder
    Folder,
}

impl PlaceArgs {
    /// The place as one text. Whether it is a valid one is for the remote to say.
    pub fn location(&self) -> Result<String, Fault> {
        let settings = self.settings();
        if self.kind != Kind::S3 && !settings.is_empty() {
            let message = "`--endpoint`, `--region`, `--profile` and `--plain-http` are for s3.";
            return Err(Fault::new(Code::Usage, message));
        }
        let is_s3 = self.location.starts_with("s3://");
        match self.kind {
            Kind::Folder => folder(&self.location),
            Kind::S3 if is_s3 => Ok(with_settings(&self.location, &settings)),
            Kind::S3 => Err(mismatch("s3://BUCKET/PREFIX")),
            Kind::Git if is_s3 || !self.location.contains(':') || is_path(&self.location) => {
                Err(mismatch("https://…, ssh://…, USER@HOST:PATH or file:///…"))
            }
            Kind::Git => Ok(self.location.clone()),
        }
    }

    fn settings(&self) -> Vec<(&'static str, &str)> {
        let settings = [
            ("endpoint", self.endpoint.as_deref()),
            ("plain-http", self.plain_http.then_some("yes")),
            ("profile", self.profile.as_deref()),
            ("region", self.region.as_deref()),
        ];
        let given = settings.into_iter();
        given
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }
}

/// What was written is not repeated: there may be a password in it.
fn mismatch(form: &str) -> Fault {
    let fault = Fault::new(Code::Usage, "The location is not of this kind.");
    fault.next(format!("Write it as {form}."))
}

/// A path, or `folder:` before one, as a remote would take it.
fn is_path(text: &str) -> bool {
    text.starts_with("folder:") || Path::new(text).is_absolute()
}

fn folder(text: &str) -> Result<String, Fault> {
    let path = Path::new(text.strip_prefix("folder:").unwrap_or(text));
    let climbs = path.components().any(|part| part == Component::ParentDir);
    // What `..` leads to depends on links on the way.
    let real = climbs.then(|| path.canonicalize().ok()).flatten();
    let absolute = file::absolute(real.as_deref().unwrap_or(path))?;
    Ok(format!("folder:{absolute}"))
}

fn with_settings(location: &str, settings: &[(&str, &str)]) -> String {
    let mut location = location.to_owned();
    for (key, value) in settings {
        let mark = if location.contains('?') { '&' } else { '?' };
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        location.push_str(&format!("{mark}{key}={value}"));
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: Kind, location: &str) -> PlaceArgs {
        PlaceArgs {
            kind,
            location: location.to_owned(),
            endpoint: None,
            region: None,
            profile: None,
            plain_http: false,
        }
    }

    #[test]
    fn settings_of_s3_are_in_the_text() {
        let mut s3 = place(Kind::S3, "s3://bucket/prefix");
        s3.endpoint = Some("http://127.0.0.1:9000".to_owned());
        s3.profile = Some("a&region=b".to_owned());
        assert_eq!(
            s3.location().unwrap(),
            "s3://bucket/prefix?endpoint=http%3A%2F%2F127%2E0%2E0%2E1%3A9000\
             &profile=a%26region%3Db"
        );
        let mut git = place(Kind::Git, "https://example.org/a.git");
        git.region = Some("x".to_owned());
        assert_eq!(git.location().unwrap_err().code, Code::Usage);
    }

    #[test]
    fn a_folder_is_absolute() {
        let here = std::env::current_dir().unwrap();
        let text = |path: &Path| format!("folder:{}", path.display());
        let location = |path: &str| place(Kind::Folder, path).location().unwrap();
        assert_eq!(location("team"), text(&here.join("team")));
        assert_eq!(
            location("src/../src"),
            text(&here.canonicalize().unwrap().join("src"))
        );
    }

    #[test]
    fn a_location_is_of_its_kind() {
        for (kind, location) in [
            (Kind::Git, "s3://bucket"),
            (Kind::Git, "/srv/acme.git"),
            (Kind::Git, "acme.git"),
            (Kind::Git, "folder:/srv"),
            (Kind::S3, "https://example.org"),
        ] {
            let fault = place(kind, location).location().unwrap_err();
            assert_eq!(fault.code, Code::Usage, "{location}");
        }
        let scp = "git@example.org:acme.git";
        assert_eq!(place(Kind::Git, scp).location().unwrap(), scp);
    }
}
