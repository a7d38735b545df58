//! An ssh server of one's own, on a free port, with generated keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::processes::{Server, call, find, start};

pub struct Sshd {
    _server: Server,
    pub port: u16,
    folder: PathBuf,
}

impl Sshd {
    /// Starts it with its keys in `folder`, if there is one to start.
    pub fn start(folder: &Path) -> Option<Self> {
        let Some(program) = find("sshd") else {
            eprintln!("skipped: sshd is not installed");
            return None;
        };
        for key in ["host", "user"] {
            let file = folder.join(key);
            let file = file.to_str().unwrap();
            call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
        }
        fs::copy(folder.join("user.pub"), folder.join("authorized")).unwrap();
        // Started by root, it wants this folder; another user has no need of it.
        let _ = fs::create_dir("/run/sshd");
        let show = |name: &str| folder.join(name).display().to_string();
        let config = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\nMaxStartups 100\nPrintMotd no\nUseDNS no\nKexAlgorithms curve25519-sha256\n",
            show("host"),
            show("authorized"),
        );
        fs::write(folder.join("config"), config).unwrap();
        let (server, port) = start(|port| {
            let mut command = Command::new(&program);
            command.args(["-D", "-e", "-f"]).arg(folder.join("config"));
            command.args(["-o", "ListenAddress=127.0.0.1", "-p", &port.to_string()]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        });
        let host = fs::read_to_string(folder.join("host.pub")).unwrap();
        let known = format!("[127.0.0.1]:{port} {host}");
        fs::write(folder.join("known"), known).unwrap();
        Some(Self {
            _server: server,
            port,
            folder: folder.to_owned(),
        })
    }

    /// How a user's own configuration would call ssh.
    pub fn command(&self, key: &str) -> String {
        let show = |name: &str| self.folder.join(name).display().to_string();
        format!(
            "ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
             -o UserKnownHostsFile={} -i {}",
            show("known"),
            show(key),
        )
    }
}

/// Who is logged in here.
pub fn user() -> String {
    call("id", ["-un"]).trim().to_owned()
}
