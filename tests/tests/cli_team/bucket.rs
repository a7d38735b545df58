//! A place on a real S3 server: one that the test starts, or the one that `SEALFOLD_TEST_S3` names
//! (`cargo xtask test --ceph`). People reach it through a door that the test can shut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A bucket named `acme`.
pub struct Bucket {
    _server: Option<Server>,
    endpoint: String,
    key: String,
    secret: String,
    prefix: String,
    door: Door,
    kept: Vec<String>,
}

struct Server {
    program: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Bucket {
    /// None where the tests' tools hold no server.
    pub fn open() -> Option<Self> {
        let given = |name: &str| std::env::var(name).ok();
        let (server, endpoint, key, secret) = match given("SEALFOLD_TEST_S3") {
            Some(endpoint) => {
                let key = given("SEALFOLD_TEST_S3_KEY").unwrap();
                (
                    None,
                    endpoint,
                    key,
                    given("SEALFOLD_TEST_S3_SECRET").unwrap(),
                )
            }
            None => {
                let (server, endpoint) = start()?;
                (
                    Some(server),
                    endpoint,
                    "AKIAEXAMPLE".into(),
                    "secret".into(),
                )
            }
        };
        let port: u16 = endpoint.rsplit(':').next()?.parse().ok()?;
        let bucket = Self {
            door: Door::to(port),
            prefix: format!("walk-{}", std::process::id()),
            kept: Vec::new(),
            _server: server,
            endpoint,
            key,
            secret,
        };
        if bucket._server.is_some() {
            bucket.curl(&["--request", "PUT"], "/acme");
        }
        Some(bucket)
    }

    /// As `remote add` takes it.
    pub fn arguments(&self) -> String {
        format!(
            "s3 s3://acme/{} --region us-east-1 --endpoint http://127.0.0.1:{}",
            self.prefix, self.door.port
        )
    }

    /// Credentials as variables of a terminal.
    pub fn variables(&self) -> [(&'static str, &str); 2] {
        [
            ("AWS_ACCESS_KEY_ID", &self.key),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
        ]
    }

    /// Where the tools of AWS look for credentials.
    pub fn write_credentials(&self, home: &Path) {
        let folder = home.join(".aws");
        std::fs::create_dir(&folder).unwrap();
        let text = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            self.key, self.secret
        );
        std::fs::write(folder.join("credentials"), text).unwrap();
    }

    /// Nobody gets through while `work` is done.
    pub fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        self.door.shut.store(true, Ordering::SeqCst);
        let done = work();
        self.door.shut.store(false, Ordering::SeqCst);
        done
    }

    /// Keeps in mind what is there now.
    pub fn keep(&mut self) {
        self.kept = self.names();
    }

    /// Removes what came since.
    pub fn put_back(&self) {
        for name in self.names() {
            if !self.kept.contains(&name) {
                self.curl(&["--request", "DELETE"], &format!("/acme/{name}"));
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let listing = self.curl(&[], &format!("/acme?list-type=2&prefix={}%2F", self.prefix));
        let keys = listing.split("<Key>").skip(1);
        keys.filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned()))
            .collect()
    }

    fn curl(&self, args: &[&str], path: &str) -> String {
        let user = format!("{}:{}", self.key, self.secret);
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail"])
            .args(["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &user])
            // curl of Debian 12 does not sign it on its own, and Ceph asks for it.
            .args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"])
            .args(args)
            .arg(format!("{}{path}", self.endpoint))
            .output()
            .expect("curl is there");
        assert!(output.status.success(), "{path}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn start() -> Option<(Server, String)> {
    let tools = PathBuf::from(std::env::var_os("SEALFOLD_TEST_TOOLS")?);
    let program = Some(tools.join("servers/bin/ministack")).filter(|it| it.is_file())?;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut command = Command::new(program);
    let started = command
        .current_dir(folder.path())
        // Without it every address of this machine is served.
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let server = Server {
        program: started.unwrap(),
        _folder: folder,
    };
    let until = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the server does not start");
        thread::sleep(Duration::from_millis(20));
    }
    Some((server, format!("http://127.0.0.1:{port}")))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A port that leads to another, unless it is shut. It changes no byte, so that signatures hold.
struct Door {
    port: u16,
    shut: Arc<AtomicBool>,
}

impl Door {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Self {
            port: listener.local_addr().unwrap().port(),
            shut: Arc::default(),
        };
        let shut = Arc::clone(&door.shut);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shut = Arc::clone(&shut);
                if let (false, Ok(server)) = (
                    shut.load(Ordering::SeqCst),
                    TcpStream::connect(("127.0.0.1", port)),
                ) {
                    let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                    let shut_too = Arc::clone(&shut);
                    thread::spawn(move || carry(client, server, &shut));
                    thread::spawn(move || carry(back.0, back.1, &shut_too));
                }
            }
        });
        door
    }
}

/// Bytes in one direction, also of a connection that was open before the door was shut.
fn carry(mut from: TcpStream, mut to: TcpStream, shut: &AtomicBool) {
    let mut buffer = [0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if shut.load(Ordering::SeqCst) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
