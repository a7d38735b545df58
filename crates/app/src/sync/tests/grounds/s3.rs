//! A server of S3's protocol, and a hand on what it holds that asks no courier.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::processes;

/// A server with one bucket, ended when dropped.
pub struct Server {
    _process: processes::Server,
    _folder: TempDir,
    port: u16,
    prefixes: Cell<u32>,
}

/// What a courier gets there with.
pub fn credentials() -> Vec<(OsString, OsString)> {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let variables = variables.into_iter();
    variables.map(|(k, v)| (k.into(), v.into())).collect()
}

impl Server {
    /// Starts one; none where the tests' tools hold none.
    pub fn start() -> Option<Self> {
        let program = processes::find_tool("servers/bin/ministack")?;
        let folder = tempfile::tempdir().unwrap();
        let (process, port) = processes::start(|port| {
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
        let server = Self {
            _process: process,
            _folder: folder,
            port,
            prefixes: Cell::new(0),
        };
        server.call("PUT", "/acme", b"");
        Some(server)
    }

    /// A folder of the bucket that nobody has yet.
    pub fn new_prefix(&self) -> String {
        self.prefixes.set(self.prefixes.get() + 1);
        format!("acme/{}", self.prefixes.get())
    }

    /// As a courier is given it.
    pub fn location(&self, prefix: &str) -> String {
        let port = self.port;
        format!("s3://{prefix}?endpoint=http://127.0.0.1:{port}&region=us-east-1")
    }

    pub fn put(&self, prefix: &str, name: &str, bytes: &[u8]) {
        self.call("PUT", &format!("/{prefix}/{name}"), bytes);
    }

    pub fn get(&self, prefix: &str, name: &str) -> Vec<u8> {
        self.call("GET", &format!("/{prefix}/{name}"), b"")
    }

    pub fn delete(&self, prefix: &str, name: &str) {
        self.call("DELETE", &format!("/{prefix}/{name}"), b"");
    }

    /// The names under a prefix: fewer than one page of the server.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let (bucket, folder) = prefix.split_once('/').unwrap();
        let path = format!("/{bucket}?list-type=2&prefix={folder}/");
        let listing = String::from_utf8(self.call("GET", &path, b"")).unwrap();
        assert!(!listing.contains("<IsTruncated>true"), "{listing}");
        let keys = listing.split("<Key>").skip(1);
        let keys = keys.map(|rest| rest.split_once("</Key>").unwrap().0);
        let below = keys.filter_map(|key| key.strip_prefix(folder)?.strip_prefix('/'));
        below.map(str::to_owned).collect()
    }

    fn call(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let body = answer.split_off(end.unwrap() + 4);
        let head = String::from_utf8(answer).unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {head}");
        assert!(!head.to_lowercase().contains("chunked"), "{head}");
        body
    }
}
