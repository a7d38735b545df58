//! Credentials, found the way the AWS tools find them: a profile that was named; the environment;
//! a web identity; the default profile; the container; the machine.

use std::fmt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use tokio::sync::Mutex;

use super::answers::Refusal;
use super::profile::Profile;
use crate::{CredentialsError, Environment, S3Location};

/// Longest time that a `credential_process` may take; it may ask its user.
const PROCESS: Duration = Duration::from_secs(120);
/// How long its answer is used. AWS gives none for less than a quarter of an hour.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// A store's builder with credentials, or with the way to get them.
pub(super) fn builder(
    location: &S3Location,
    profile: Profile,
    environment: &Environment,
) -> Result<AmazonS3Builder, CredentialsError> {
    let variable = |name: &str| environment.text(name);
    // Who names a profile does not mean the environment.
    if location.profile().is_some() {
        return from_profile(&profile, environment)?.ok_or(CredentialsError::NoSuchProfile);
    }
    let keys = keys(
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
        variable("AWS_SESSION_TOKEN"),
    )?;
    let identity = web_identity(
        variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
        variable("AWS_ROLE_ARN"),
        variable("AWS_ROLE_SESSION_NAME"),
    );
    if let Some(builder) = keys.or(identity) {
        return Ok(builder);
    }
    if let Some(builder) = from_profile(&profile, environment)? {
        return Ok(builder);
    }
    from_machine(environment)
}

fn from_profile(
    profile: &Profile,
    environment: &Environment,
) -> Result<Option<AmazonS3Builder>, CredentialsError> {
    let keys = keys(
        profile.get("aws_access_key_id"),
        profile.get("aws_secret_access_key"),
        profile.get("aws_session_token"),
    )?;
    let identity = web_identity(
        profile.get("web_identity_token_file"),
        profile.get("role_arn"),
        profile.get("role_session_name"),
    );
    if let Some(line) = profile.get("credential_process") {
        let process = Process::new(line, environment)?;
        return Ok(Some(
            AmazonS3Builder::new().with_credentials(Arc::new(process)),
        ));
    }
    // A role to take on with these keys is not the keys' own right.
    let other = ["role_arn", "sso_session", "sso_start_url", "login_session"];
    if identity.is_none() && other.iter().any(|key| profile.get(key).is_some()) {
        return Err(CredentialsError::NeedsAwsTool);
    }
    Ok(identity.or(keys))
}

fn keys(
    id: Option<&str>,
    secret: Option<&str>,
    token: Option<&str>,
) -> Result<Option<AmazonS3Builder>, CredentialsError> {
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let builder = AmazonS3Builder::new()
                .with_access_key_id(id)
                .with_secret_access_key(secret);
            Ok(Some(match token {
                Some(token) => builder.with_token(token),
                None => builder,
            }))
        }
        (None, None) => Ok(None),
        _ => Err(CredentialsError::Incomplete),
    }
}

fn web_identity(
    file: Option<&str>,
    role: Option<&str>,
    session: Option<&str>,
) -> Option<AmazonS3Builder> {
    let builder = AmazonS3Builder::new()
        .with_config(AmazonS3ConfigKey::WebIdentityTokenFile, file?)
        .with_config(AmazonS3ConfigKey::RoleArn, role?);
    Some(match session {
        Some(session) => builder.with_config(AmazonS3ConfigKey::RoleSessionName, session),
        None => builder,
    })
}

fn from_machine(environment: &Environment) -> Result<AmazonS3Builder, CredentialsError> {
    let container = [
        (
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
        ),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            AmazonS3ConfigKey::ContainerCredentialsFullUri,
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
        ),
    ];
    let mut builder = AmazonS3Builder::new();
    let mut in_container = false;
    for (name, key) in container {
        if let Some(value) = environment.text(name) {
            builder = builder.with_config(key, value);
            in_container = true;
        }
    }
    let disabled = environment.text("AWS_EC2_METADATA_DISABLED");
    if !in_container && disabled.is_some_and(|it| it.eq_ignore_ascii_case("true")) {
        return Err(CredentialsError::None);
    }
    Ok(builder)
}

/// A profile's `credential_process`: a program of the user's that prints credentials.
struct Process {
    words: Vec<String>,
    environment: Environment,
    last: Mutex<Option<(Instant, Arc<AwsCredential>)>>,
}

impl Process {
    fn new(line: &str, environment: &Environment) -> Result<Self, CredentialsError> {
        let words = split_words(line).ok_or(CredentialsError::Process)?;
        Ok(Self {
            words,
            environment: environment.clone(),
            last: Mutex::default(),
        })
    }

    async fn call(&self) -> Option<AwsCredential> {
        let (program, args) = self.words.split_first()?;
        let call = tokio::process::Command::new(program)
            .args(args)
            .env_clear()
            .envs(self.environment.for_programs())
            .stdin(Stdio::null())
            // Its complaints may hold anything; nobody reads them here.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PROCESS, call).await.ok()?.ok()?;
        if !output.status.success() {
            return None;
        }
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        let text = |key: &str| Some(answer.get(key)?.as_str()?.to_owned());
        (answer.get("Version")?.as_u64()? == 1).then_some(())?;
        Some(AwsCredential {
            key_id: text("AccessKeyId")?,
            secret_key: text("SecretAccessKey")?,
            token: text("SessionToken"),
        })
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Process")
    }
}

#[async_trait]
impl CredentialProvider for Process {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut last = self.last.lock().await;
        if let Some((when, credential)) = &*last
            && when.elapsed() < FRESH
        {
            return Ok(Arc::clone(credential));
        }
        let called = self.call().await;
        let credential = Arc::new(called.ok_or_else(|| object_store::Error::Generic {
            store: "S3",
            source: Box::new(Refusal::Process),
        })?);
        *last = Some((Instant::now(), Arc::clone(&credential)));
        Ok(credential)
    }
}

/// Splits a command into words, with quotes as a shell has them and nothing else: no shell runs.
/// A backslash is itself, since Windows' paths have them. None where a quote is left open.
fn split_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (quote.is_none() && !words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::split_words;

    #[test]
    fn a_command_is_split_at_spaces_outside_quotes() {
        let words = split_words(r#" "C:\Program Files\aws" x  'a "b"' $(c) '' "#).unwrap();
        assert_eq!(
            words,
            [r"C:\Program Files\aws", "x", r#"a "b""#, "$(c)", ""]
        );
        assert_eq!(split_words("a 'b"), None);
        assert_eq!(split_words("  "), None);
    }
}
