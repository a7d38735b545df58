//! A real S3 server of this test's own, with one bucket, `acme`: the fast one that
//! `SEALFOLD_TEST_TOOLS` holds. Without it a test says that it was skipped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "hunter2";

/// The server; it ends with the test.
pub struct S3Server {
    child: Child,
    _folder: TempDir,
    port: u16,
}

impl S3Server {
    /// Starts it, if it is there.
    #[allow(clippy::print_stderr)]
    pub fn start() -> Option<Self> {
        let tools = PathBuf::from(std::env::var_os("SEALFOLD_TEST_TOOLS").unwrap_or_default());
        let program = tools.join("servers/bin/ministack");
        if !program.is_file() {
            eprintln!("skipped: SEALFOLD_TEST_TOOLS holds no S3 server");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let child = Command::new(&program)
            .current_dir(folder.path())
            // Without it every address of this machine is served.
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut server = Self {
            child,
            _folder: folder,
            port,
        };
        // Another program may have been given the port meanwhile: then it ends.
        if !server.answers() {
            return Self::start();
        }
        server.make_bucket();
        Some(server)
    }

    /// Waits until it answers, or has ended.
    fn answers(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if self.child.try_wait().expect("its state").is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn make_bucket(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it answers");
        let request = "PUT /acme HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// As `--endpoint` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a file of credentials of the AWS tools holds.
    pub fn credentials(&self) -> String {
        format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    }

    /// The same as variables.
    pub fn variables() -> [(&'static str, &'static str); 3] {
        [
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
