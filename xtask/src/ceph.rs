//! A Ceph object gateway of one's own, for tests: one monitor, one store in memory, one gateway, all
//! on 127.0.0.1 and gone afterwards.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::{call, succeeds};

/// The gateway's only user. It guards nothing.
pub const ACCESS_KEY: &str = "AKCEPH";
pub const SECRET_KEY: &str = "SKCEPHSECRET";

/// How long each part may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running gateway with one bucket, `acme`. Ended when dropped.
pub struct Gateway {
    folder: PathBuf,
    daemons: Vec<Child>,
    port: u16,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Gateway {
    pub fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("sealfold-ceph-{}", std::process::id()));
        for inner in ["mon", "osd", "run", "log"] {
            fs::create_dir_all(folder.join(inner))?;
        }
        let mut gateway = Self {
            folder,
            daemons: Vec::new(),
            port: free_port()?,
        };
        gateway.set_up().context("starting Ceph's gateway")?;
        Ok(gateway)
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn set_up(&mut self) -> Result<()> {
        let fsid = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
        let (fsid, monitor) = (fsid.trim().to_owned(), free_port()?);
        let address = format!("v2:127.0.0.1:{monitor}");
        let text = configuration(&self.folder, &fsid, &address, self.port);
        fs::write(self.folder.join("ceph.conf"), text)?;
        let (keys, map) = (self.path("keyring"), self.path("monmap"));

        self.ceph(
            "ceph-authtool",
            &[
                "--create-keyring",
                &keys,
                "--gen-key",
                "-n",
                "mon.",
                "--cap",
                "mon",
                "allow *",
            ],
        )?;
        self.ceph(
            "ceph-authtool",
            &[
                &keys,
                "--gen-key",
                "-n",
                "client.admin",
                "--cap",
                "mon",
                "allow *",
                "--cap",
                "osd",
                "allow *",
                "--cap",
                "mgr",
                "allow *",
            ],
        )?;
        let address = format!("[{address}]");
        self.ceph(
            "monmaptool",
            &["--create", "--addv", "a", &address, "--fsid", &fsid, &map],
        )?;
        self.ceph(
            "ceph-mon",
            &["--mkfs", "-i", "a", "--monmap", &map, "--keyring", &keys],
        )?;
        self.daemon("ceph-mon", &["-f", "-i", "a"])?;
        self.wait(
            "the monitor",
            &["ceph", "--connect-timeout", "5", "mon", "stat"],
        )?;

        let osd = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
        self.ceph("ceph", &["osd", "new", osd.trim()])?;
        let allow = [
            "auth",
            "get-or-create",
            "osd.0",
            "mon",
            "allow profile osd",
            "osd",
            "allow *",
        ];
        let key = self
            .command("ceph", &allow)
            .stderr(Stdio::null())
            .output()?;
        let mut keyring = fs::read(&keys)?;
        keyring.extend(key.stdout);
        fs::write(&keys, keyring)?;
        self.ceph("ceph-osd", &["-i", "0", "--mkfs", "--osd-uuid", osd.trim()])?;
        self.daemon("ceph-osd", &["-f", "-i", "0"])?;
        self.daemon("radosgw", &["-f", "-n", "client.admin"])?;
        self.wait_for_port()?;
        let (access, secret) = (
            format!("--access-key={ACCESS_KEY}"),
            format!("--secret-key={SECRET_KEY}"),
        );
        self.ceph(
            "radosgw-admin",
            &[
                "user",
                "create",
                "--uid=test",
                "--display-name=test",
                &access,
                &secret,
            ],
        )?;
        self.make_bucket()
    }

    fn make_bucket(&self) -> Result<()> {
        let user = format!("{ACCESS_KEY}:{SECRET_KEY}");
        let bucket = format!("{}/acme", self.endpoint());
        call(Command::new("curl").args([
            "--silent",
            "--show-error",
            "--fail",
            "--aws-sigv4",
            "aws:amz:us-east-1:s3",
            "--user",
            &user,
            // curl of Debian 12 does not sign it on its own, and Ceph asks for it.
            "--header",
            "x-amz-content-sha256: UNSIGNED-PAYLOAD",
            "--request",
            "PUT",
            &bucket,
        ]))
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.arg("--conf").arg(self.path("ceph.conf")).args(args);
        if program == "ceph-authtool" || program == "monmaptool" {
            command = Command::new(program);
            command.args(args);
        }
        command
            .env("CEPH_CONF", self.path("ceph.conf"))
            .stdin(Stdio::null());
        command
    }

    fn ceph(&self, program: &str, args: &[&str]) -> Result<()> {
        let log = File::create(self.folder.join("log").join(program))?;
        let mut command = self.command(program, args);
        call(command.stdout(log.try_clone()?).stderr(log))
    }

    fn daemon(&mut self, program: &str, args: &[&str]) -> Result<()> {
        let log = File::create(self.folder.join("log").join(format!("{program}.out")))?;
        let mut command = self.command(program, args);
        let daemon = command.stdout(log.try_clone()?).stderr(log).spawn();
        self.daemons
            .push(daemon.with_context(|| program.to_owned())?);
        Ok(())
    }

    fn wait(&self, what: &str, question: &[&str]) -> Result<()> {
        let conf = self.path("ceph.conf");
        let args: Vec<&str> = ["--conf", &conf]
            .into_iter()
            .chain(question[1..].iter().copied())
            .collect();
        until(what, || succeeds(question[0], &args))
    }

    fn wait_for_port(&self) -> Result<()> {
        until("the gateway", || {
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        })
    }
}

fn until(what: &str, is_there: impl Fn() -> bool) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_there() {
        if Instant::now() > end {
            bail!("{what} does not answer");
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Nothing leaves this machine, and nothing outlives the folder.
fn configuration(folder: &Path, fsid: &str, monitor: &str, port: u16) -> String {
    let at = folder.display();
    format!(
        "[global]
fsid = {fsid}
mon initial members = a
mon host = [{monitor}]
public network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv4 = true
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail crit = 1
mon data = {at}/mon
osd data = {at}/osd
run dir = {at}/run
admin socket = {at}/run/$name.asok
log file = {at}/log/$name.log
pid file = {at}/run/$name.pid
keyring = {at}/keyring
[client]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 32
"
    )
}
