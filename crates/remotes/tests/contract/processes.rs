//! Programs that tests start: found, called, and ended when the test ends.

use std::ffi::OsStr;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that is ended with the test.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port of this machine that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts what `command` makes of a free port, until one answers there.
pub fn start(command: impl Fn(u16) -> Command) -> (Server, u16) {
    for _ in 0..3 {
        let port = free_port();
        let child = command(port).stdin(Stdio::null()).spawn().unwrap();
        let mut server = Server(child);
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            // Another program may have been given the port meanwhile: then it ends.
            if server.0.try_wait().unwrap().is_some() {
                break;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (server, port);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    panic!("the server does not start");
}

/// A program on the path, or where programs for administrators are.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin".into(), "/sbin".into()]);
    folders
        .into_iter()
        .map(|it| it.join(program))
        .find(|it| it.is_file())
}

/// A program that the tests' own tools hold.
pub fn find_tool(program: &str) -> Option<PathBuf> {
    let tools = PathBuf::from(std::env::var_os("SEALFOLD_TEST_TOOLS")?);
    Some(tools.join(program)).filter(|it| it.is_file())
}

/// Calls a program that has to succeed, away from the configuration of whoever runs the tests;
/// gives its output.
pub fn call<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> String {
    let output = Command::new(program)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
