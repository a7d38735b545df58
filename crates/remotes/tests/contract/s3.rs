//! S3: a real server, and servers that misbehave.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use remotes::{Creation, CredentialsError, Location, Remote, RemoteError, Surroundings};
use tempfile::TempDir;

use crate::places::{At, Place};
use crate::processes::{Server, find_tool, start};
use crate::proxy::{Fault, Proxy};
use crate::{name, prefix, suite};

/// A server with one bucket, `acme`, ended when dropped.
struct S3Server {
    _server: Server,
    _folder: TempDir,
    port: u16,
}

/// The server that somebody else has started, such as Ceph's gateway: a bucket `acme` is there.
fn given() -> Option<(u16, String, String)> {
    let given = |name: &str| std::env::var(name).ok();
    let endpoint = given("SEALFOLD_TEST_S3")?;
    let port = endpoint.rsplit(':').next()?.parse().ok()?;
    let (key, secret) = ("SEALFOLD_TEST_S3_KEY", "SEALFOLD_TEST_S3_SECRET");
    Some((port, given(key)?, given(secret)?))
}

impl S3Server {
    fn start() -> Option<Self> {
        let Some(program) = find_tool("servers/bin/ministack") else {
            eprintln!("skipped: SEALFOLD_TEST_TOOLS holds no S3 server");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let (server, port) = start(|port| {
            let mut command = Command::new(&program);
            command
                .current_dir(folder.path())
                // Without it every address of this machine is served.
                .env("BIND_HOST", "127.0.0.1")
                .env("GATEWAY_PORT", port.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        });
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = "PUT /acme HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        Some(Self {
            _server: server,
            _folder: folder,
            port,
        })
    }
}

fn at(port: u16, place: &str) -> At {
    At::new(&format!(
        "s3://{place}?endpoint=http://127.0.0.1:{port}&region=us-east-1"
    ))
    .with("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    .with("AWS_SECRET_ACCESS_KEY", "hunter2")
}

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    if let Some((port, key, secret)) = given() {
        for place in ["acme/team/one", "acme"] {
            let place = at(port, place)
                .with("AWS_ACCESS_KEY_ID", &key)
                .with("AWS_SECRET_ACCESS_KEY", &secret);
            suite::all(&place).await;
        }
        return;
    }
    let Some(server) = S3Server::start() else {
        return;
    };
    suite::all(&at(server.port, "acme/team/one")).await;
    // A whole bucket, in which another prefix lies.
    suite::all(&at(server.port, "acme")).await;
}

// threat 66
#[tokio::test(flavor = "multi_thread")]
async fn contract_where_conditions_are_ignored() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let proxy = Proxy::start(server.port, Fault::IgnoresConditions).await;
    let mut at = at(proxy.port, "acme/x");
    at.one_winner = false;
    suite::all(&at).await;
}

// threat 66: one's own put may be the one that came first.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_not_another_writer() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let proxy = Proxy::start(server.port, Fault::LosesAnswers).await;
    let remote = at(proxy.port, "acme/x").connect();
    for number in 0..5 {
        let created = remote
            .create(&name(&format!("x/{number}")), b"mine")
            .await
            .unwrap();
        assert_ne!(created, Creation::DifferentAlready);
    }
    let other = at(server.port, "acme/x").connect();
    assert_eq!(
        other.list(&prefix("x"), None).await.unwrap().objects.len(),
        5
    );
    assert_eq!(
        other.create(&name("x/1"), b"other").await.unwrap(),
        Creation::DifferentAlready
    );
}

// How fast: one listing without news; and a put per object once the server is known.
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let at = at(server.port, "acme/x");
    let ann = at.connect();
    ann.create(&name("x/first"), b"x").await.unwrap();
    let learned = ann.counts();
    let objects: Vec<_> = (0..1100)
        .map(|it| (name(&format!("x/{it:04}")), vec![1]))
        .collect();
    ann.create_many(&objects).await.unwrap();
    let counts = ann.counts();
    assert_eq!(
        (counts.puts - learned.puts, counts.gets),
        (1100, learned.gets)
    );

    let bob = at.connect();
    let listing = bob.list(&prefix("x"), Some("x/1098")).await.unwrap();
    assert_eq!(suite::names(&listing), ["x/1099", "x/first"]);
    assert_eq!(bob.counts().requests(), 1);
    // Two pages of the server are one of ours.
    let listing = bob.list(&prefix("x"), None).await.unwrap();
    assert_eq!(listing.objects.len(), 1101);
    assert_eq!(bob.counts().requests(), 3);
    bob.get(&name("x/first"), 10).await.unwrap();
    assert_eq!(bob.counts().gets, 1);
}

// How fast: a job's look is a listing and a get, whatever lies beside the folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_into_a_folder_is_two_requests() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let at = at(server.port, "acme/x");
    crate::peek::fill(&at).await;
    let (_cache, peek) = crate::peek::peek(&at);
    assert_eq!(crate::peek::look(&peek).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_apart() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let remote = at(server.port, "nowhere").connect();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::Missing { .. }), "{error:?}");
    let error = remote.create(&name("x/a"), b"a").await.unwrap_err();
    assert!(matches!(error, RemoteError::Missing { .. }), "{error:?}");
    drop(server);
}

// threat 65
#[tokio::test(flavor = "multi_thread")]
async fn no_error_repeats_what_was_sent() {
    let proxy = Proxy::start(1, Fault::Echoes).await;
    let at = at(proxy.port, "acme/x").with("AWS_SESSION_TOKEN", "token-hunter2");
    let remote = at.connect();
    let errors = [
        remote.list(&prefix("x"), None).await.unwrap_err(),
        remote.get(&name("x/a"), 10).await.unwrap_err(),
        remote.create(&name("x/a"), b"a").await.unwrap_err(),
    ];
    for error in errors {
        let mut shown = format!("{error:?} {:?}", error.said());
        let mut next: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = next {
            shown += &error.to_string();
            next = error.source();
        }
        assert!(matches!(error, RemoteError::Denied { .. }), "{shown}");
        assert!(shown.contains("InvalidAccessKeyId"), "{shown}");
        for secret in ["hunter2", "AKIAEXAMPLE", "Signature"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert!(!format!("{remote:?}").contains("hunter2"));
    assert!(!format!("{:?}", at.environment()).contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let proxy = Proxy::start(1, Fault::Redirects).await;
    let remote = at(proxy.port, "acme/x").connect();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::Refused { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again_and_then_left() {
    let proxy = Proxy::start(1, Fault::Busy).await;
    let remote = at(proxy.port, "acme/x").connect();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    assert!(
        matches!(error, RemoteError::Unreachable { .. }),
        "{error:?}"
    );
    assert_eq!(remote.counts().listings, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_unreachable() {
    let remote = at(1, "acme/x").connect();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    assert!(
        matches!(error, RemoteError::Unreachable { .. }),
        "{error:?}"
    );
}

// threat 13
#[tokio::test(flavor = "multi_thread")]
async fn endless_answers_end() {
    let proxy = Proxy::start(1, Fault::EndlessListing).await;
    let remote = at(proxy.port, "acme/x").connect();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::TooLarge { .. }), "{error:?}");
    let proxy = Proxy::start(1, Fault::EndlessObject).await;
    let remote = at(proxy.port, "acme/x").connect();
    let error = remote.get(&name("x/a"), 1 << 20).await.unwrap_err();
    assert!(matches!(error, RemoteError::TooLarge { .. }), "{error:?}");
}

// threat 13: many at once do not wait for each other for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_bundle_of_requests_ends() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let at = at(server.port, "acme/x");
    let clients: Vec<_> = (0..4).map(|_| at.connect()).collect();
    let write = async |number: usize| {
        let object = |it| (name(&format!("x/{number}-{it}")), vec![3; 2000]);
        let objects: Vec<_> = (0..50).map(object).collect();
        clients[number].create_many(&objects).await.unwrap().len()
    };
    let all = join_all((0..4).map(write));
    let written = tokio::time::timeout(Duration::from_secs(60), all)
        .await
        .unwrap();
    assert_eq!(written, [50; 4]);
}

/// Connects with these variables and files in `.aws`.
fn connect(
    place: &str,
    variables: &[(&str, &str)],
    files: &[(&str, &str)],
) -> Result<Remote, RemoteError> {
    let mut at = At::new(place);
    for (key, value) in variables {
        at = at.with(key, *value);
    }
    let aws = at.home().join(".aws");
    std::fs::create_dir(&aws).unwrap();
    for (file, text) in files {
        std::fs::write(aws.join(file), text).unwrap();
    }
    let surroundings = Surroundings {
        cache: at.home(),
        environment: at.environment(),
    };
    Remote::connect(&at.location, &surroundings)
}

fn why_not(result: Result<Remote, RemoteError>) -> CredentialsError {
    match result {
        Err(RemoteError::Credentials { source }) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn credentials_are_found_as_the_aws_tools_find_them() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    connect("s3://acme", &keys, &[]).unwrap();
    assert!(matches!(
        why_not(connect("s3://acme", &[], &[])),
        CredentialsError::None
    ));
    assert!(matches!(
        why_not(connect("s3://acme", &keys[..1], &[])),
        CredentialsError::Incomplete
    ));

    let file = "[default]\naws_access_key_id=a\naws_secret_access_key=b\n[team]\n\
                aws_access_key_id=c\naws_secret_access_key=d\n[half]\naws_access_key_id=c\n";
    let files = [("credentials", file)];
    connect("s3://acme", &[], &files).unwrap();
    connect("s3://acme?profile=team", &[], &files).unwrap();
    let none = why_not(connect("s3://acme?profile=none", &keys, &files));
    assert!(matches!(none, CredentialsError::NoSuchProfile));
    let half = why_not(connect("s3://acme", &[("AWS_PROFILE", "half")], &files));
    assert!(matches!(half, CredentialsError::Incomplete));
    let none = why_not(connect("s3://acme", &[("AWS_PROFILE", "none")], &files));
    assert!(matches!(none, CredentialsError::NoSuchProfile));

    let sso = [("config", "[profile team]\nsso_session = x\nregion = y\n")];
    let sso = why_not(connect("s3://acme?profile=team", &[], &sso));
    assert!(matches!(sso, CredentialsError::NeedsAwsTool));
    let identity = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/x"),
        ("AWS_ROLE_ARN", "arn:x"),
    ];
    connect("s3://acme", &identity, &[]).unwrap();
    let container = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
    connect("s3://acme", &container, &[]).unwrap();
}

#[test]
fn an_endpoint_of_the_environment_must_be_encrypted_too() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("AWS_ENDPOINT_URL_S3", "http://ceph.lan"),
    ];
    let error = connect("s3://acme", &variables, &[]).unwrap_err();
    assert!(matches!(error, RemoteError::PlainText), "{error:?}");
    connect("s3://acme?plain-http=yes", &variables, &[]).unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_credential_process_is_called_without_a_shell_or_our_variables() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let script = folder.path().join("give");
    let text = format!(
        "echo \"$# $SEALFOLD_TOKEN.\" >> '{}'\n\
         echo '{{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"hunter2\"}}'\n",
        seen.display()
    );
    std::fs::write(&script, text).unwrap();
    let config = format!(
        "[profile p]\ncredential_process = sh {} '$(x)'\n",
        script.display()
    );
    let files = [("config", config.as_str())];
    let proxy = Proxy::start(1, Fault::Redirects).await;
    let place = format!(
        "s3://acme?profile=p&endpoint=http://127.0.0.1:{}",
        proxy.port
    );
    let remote = connect(&place, &[("SEALFOLD_TOKEN", "hunter2")], &files).unwrap();
    for _ in 0..2 {
        let error = remote.list(&prefix("x"), None).await.unwrap_err();
        // It got as far as being redirected.
        assert!(matches!(error, RemoteError::Refused { .. }), "{error:?}");
    }
    // Called once for both.
    assert_eq!(std::fs::read_to_string(&seen).unwrap(), "1 .\n");

    std::fs::write(&script, "echo hunter2 >&2; exit 1").unwrap();
    let remote = connect(&place, &[], &files).unwrap();
    let error = remote.list(&prefix("x"), None).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        matches!(
            error,
            RemoteError::Credentials {
                source: CredentialsError::Process
            }
        ),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"));
}

#[test]
fn a_location_is_enough_to_connect_again() {
    let text = at(9000, "acme/x").location.to_string();
    assert!(matches!(text.parse(), Ok(Location::S3(_))));
    assert!(!text.contains("hunter2"));
}
