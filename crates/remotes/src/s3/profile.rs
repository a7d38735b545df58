//! The profile of the AWS tools' two configuration files.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use crate::{CredentialsError, Environment};

/// What both files say about one profile; empty where there are none.
#[derive(Default)]
pub(super) struct Profile(BTreeMap<String, String>);

impl Profile {
    /// The profile that is named, else the one of the environment, else `default`, which need
    /// not be there.
    pub fn find(named: Option<&str>, environment: &Environment) -> Result<Self, CredentialsError> {
        let chosen = named
            .or_else(|| environment.text("AWS_PROFILE"))
            .or_else(|| environment.text("AWS_DEFAULT_PROFILE"));
        let name = chosen.unwrap_or("default");
        let config = read(environment, "AWS_CONFIG_FILE", "config")?;
        let keys = read(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        let long = format!("profile {name}");
        let mut settings = section(&config, |it| {
            it == long || (it == name && name == "default")
        });
        settings.extend(section(&keys, |it| it == name));
        if settings.is_empty() && chosen.is_some() {
            return Err(CredentialsError::NoSuchProfile);
        }
        Ok(Self(settings))
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The environment comes before the profile, as the AWS tools have it.
    pub fn region(&self, environment: &Environment) -> Option<String> {
        let text = environment
            .text("AWS_REGION")
            .or_else(|| environment.text("AWS_DEFAULT_REGION"))
            .or_else(|| self.get("region"));
        text.map(str::to_owned)
    }

    pub fn endpoint(&self, environment: &Environment) -> Option<String> {
        let text = environment
            .text("AWS_ENDPOINT_URL_S3")
            .or_else(|| environment.text("AWS_ENDPOINT_URL"))
            .or_else(|| self.get("endpoint_url"));
        text.map(str::to_owned)
    }
}

/// Reads the file that a variable names, else the one in the home folder; empty where there is
/// none.
fn read(environment: &Environment, variable: &str, file: &str) -> Result<String, CredentialsError> {
    let named = environment.get(variable).map(PathBuf::from);
    let usual = || environment.home().map(|home| home.join(".aws").join(file));
    let Some(path) = named.or_else(usual) else {
        return Ok(String::new());
    };
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(CredentialsError::Unreadable { source }),
    }
}

/// The settings of the sections whose name fits. Indented lines belong to a nested setting, and
/// none of those is about credentials.
fn section(text: &str, fits: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with(['#', ';', ' ', '\t']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.split(']').next().unwrap_or_default();
            let words: Vec<_> = name.split_whitespace().collect();
            inside = fits(words.join(" ").trim_matches(['"', '\'']));
        } else if let (true, Some((key, value))) = (inside, line.split_once('=')) {
            // A comment may follow a value, after a space.
            let value = value.split(" #").next().unwrap_or_default();
            let value = value.split(" ;").next().unwrap_or_default().trim();
            settings.insert(key.trim().to_lowercase(), value.to_owned());
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Profile, section};
    use crate::{CredentialsError, Environment};

    #[test]
    fn a_profile_is_in_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join(".aws");
        std::fs::create_dir(&aws).unwrap();
        let config = "[default]\nregion = a\n[profile team]\nregion=eu-1 # here\ns3 =\n  region = no\n\
                      output = json\n[profile other]\nregion = b\n";
        std::fs::write(aws.join("config"), config).unwrap();
        let keys = "; keys\n[team]\naws_access_key_id = AK\naws_secret_access_key = a/b+c=\n";
        std::fs::write(aws.join("credentials"), keys).unwrap();
        let home = folder.path().to_str().unwrap();
        let environment: Environment = [("HOME", home), ("USERPROFILE", home)]
            .into_iter()
            .collect();

        let team = Profile::find(Some("team"), &environment).unwrap();
        assert_eq!(team.region(&environment).as_deref(), Some("eu-1"));
        assert_eq!(team.get("aws_secret_access_key"), Some("a/b+c="));
        let default = Profile::find(None, &environment).unwrap();
        assert_eq!(default.region(&environment).as_deref(), Some("a"));
        assert!(matches!(
            Profile::find(Some("none"), &environment),
            Err(CredentialsError::NoSuchProfile)
        ));
        assert!(Profile::find(None, &Environment::default()).is_ok());
    }

    #[test]
    fn odd_files_do_no_harm() {
        for text in [
            "[",
            "[]",
            "=",
            "a=b",
            "[x\na=b",
            "\u{feff}[x]\na=b",
            "[x]\n=\n==\n",
        ] {
            section(text, |it| it == "x");
        }
    }
}
