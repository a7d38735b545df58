//! The way out through `age`: stock `age` and SSH keys open what was encrypted, and what stock
//! `age` wrote comes in.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sealfold_tests::home::{Call, Home, PASSPHRASE};

/// Values that no careless writer gets through: `$( )`, quotes, line ends, letters of others.
const VALUES: [(&str, &str); 4] = [
    ("PLAIN", "marzipan"),
    ("QUOTED", "it's \"$(touch /tmp/ran)\" `x` $HOME"),
    ("SEVERAL", "one\ntwo\r\nthree\n"),
    ("LETTERS", "größe ≠ 零"),
];

/// Stock tools, of the system.
fn tool(program: &str, args: &[&str]) -> Output {
    Command::new(program)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: `cargo xtask setup` installs it"))
}

fn opened(identity: &Path, file: &Path) -> Vec<u8> {
    let (identity, file) = (identity.to_str().unwrap(), file.to_str().unwrap());
    let output = tool("age", &["-d", "-i", identity, file]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A key of `age-keygen`: its file, and its recipient.
fn age_key(home: &Home, name: &str) -> (PathBuf, String) {
    let file = home.path().join(name);
    assert!(
        tool("age-keygen", &["-o", file.to_str().unwrap()])
            .status
            .success()
    );
    let public = tool("age-keygen", &["-y", file.to_str().unwrap()]).stdout;
    (
        file,
        String::from_utf8(public).unwrap().trim_end().to_owned(),
    )
}

/// A key of `ssh-keygen`: its file, and the line of its public half.
fn ssh_key(home: &Home, kind: &str) -> (PathBuf, String) {
    let file = home.path().join(kind);
    let args = ["-q", "-t", kind, "-N", "", "-C", "bob@laptop", "-f"];
    let args = [&args[..], &[file.to_str().unwrap()]].concat();
    assert!(tool("ssh-keygen", &args).status.success());
    let public = fs::read_to_string(file.with_extension("pub")).unwrap();
    (file, public.trim_end().to_owned())
}

fn unlocked() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["bundle", "new", "api/dev"]).run().success();
    for (name, value) in VALUES {
        let set = home.sealfold(["set", "-b", "api/dev", name, "--stdin"]);
        set.stdin(value).run().success();
    }
    home
}

fn call(home: &Home, line: &str) -> Call {
    home.sealfold(line.split(' '))
}

// threat 57
#[test]
fn stock_age_opens_what_was_exported_to_each_kind_of_key() {
    let home = unlocked();
    let keys = [
        age_key(&home, "key.txt"),
        ssh_key(&home, "ed25519"),
        ssh_key(&home, "rsa"),
    ];
    let plain = call(&home, "export --format dotenv").run().success().stdout;
    for format in ["dotenv", "shell", "json"] {
        let plain = call(&home, &format!("export --format {format}"))
            .run()
            .success();
        for armor in [None, Some("--armor")] {
            let mut export = call(&home, &format!("export --format {format}"));
            for (_, public) in &keys {
                export = export.arg("--to").arg(public);
            }
            if let Some(armor) = armor {
                export = export.arg(armor);
            }
            let sealed = export.run().success().stdout;
            assert_eq!(sealed.starts_with(b"-----BEGIN AGE"), armor.is_some());
            let file = home.write("out.age", &sealed);
            for (identity, _) in &keys {
                assert_eq!(
                    opened(identity, &file),
                    plain.stdout,
                    "{}",
                    identity.display()
                );
            }
        }
    }
    // A file of recipients, as `age -R` reads it, and one of its keys given once more.
    let recipients = home.write("recipients", format!("# bob\n\n{}\n", keys[1].1));
    let export = call(&home, "export --format dotenv -o out2.age")
        .arg("-r")
        .arg(&keys[1].1);
    export.arg("-R").arg(&recipients).run().success();
    let file = home.path().join("out2.age");
    assert_eq!(opened(&keys[1].0, &file), plain);
    let bytes = fs::read(&file).unwrap();
    let header = String::from_utf8_lossy(&bytes);
    assert_eq!(header.matches("-> ssh-ed25519").count(), 1);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // What came in through `export` goes in through `import`, byte for byte.
    let sealed = fs::read(&file).unwrap();
    let outcome = call(&home, "import - -b api/again --unverified")
        .stdin(sealed)
        .run();
    assert!(outcome.code(12).stderr.contains("encrypted to others"));
}

#[test]
fn the_audit_says_to_whom_it_went() {
    let home = unlocked();
    let (_, public) = age_key(&home, "key.txt");
    call(&home, "export -o out.age")
        .arg("--to")
        .arg(&public)
        .run()
        .success();
    let audit = call(&home, "audit --json")
        .run()
        .success()
        .text()
        .to_owned();
    assert!(audit.contains(&format!("dotenv to {public}")), "{audit}");
}

// threat 62
#[test]
fn a_plugin_is_refused_and_none_is_started() {
    let home = unlocked();
    // Were plugins on, this would run.
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["age-plugin-yubikey", "age-plugin-se"] {
        let plugin = bin.join(name);
        fs::write(&plugin, "#!/bin/sh\ntouch \"$HOME/started\"\n").unwrap();
        fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for recipient in [
        "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt",
        "age1se1qgg72x2qfk9wg3wh0qg9u0v7l5dkq4jx69fv80p6wdus3ftg6flwg5dz2dp",
        "AGE-PLUGIN-YUBIKEY-1QQQSYQCYQ5RQWZQF",
    ] {
        let export = call(&home, "export --armor --no-agent")
            .arg("--to")
            .arg(recipient);
        let refused = export.env("PATH", &path).with_passphrase().run().code(2);
        assert!(
            refused.stderr.contains("plugins are never started"),
            "{refused:?}"
        );
        assert!(refused.stdout.is_empty());
    }
    assert!(!home.path().join("started").exists());
    let stranger = call(&home, "export --armor --to nobody").run().code(10);
    assert!(stranger.stderr.contains("no recipient"), "{stranger:?}");
}

#[test]
fn bytes_do_not_go_to_a_terminal() {
    let home = unlocked();
    let (identity, public) = age_key(&home, "key.txt");
    let mut terminal = home.sealfold(["export", "--to", &public]).on_terminal();
    terminal.expect("An age file is binary, and this is a terminal.");
    terminal.wait_for_code(2);
    let mut terminal = home
        .sealfold(["export", "--armor", "--to", &public])
        .on_terminal();
    terminal.expect("-----END AGE ENCRYPTED FILE-----");
    terminal.wait_for_code(0);
    assert!(identity.exists());
}

#[test]
fn stock_age_reads_with_the_member_s_own_identity() {
    let home = unlocked();
    let plain = call(&home, "export --format dotenv").run().success().stdout;
    let name = call(&home, "members --json").run().success().json()[0]["name"].clone();
    let name = name.as_str().unwrap().to_owned();
    call(&home, "export -o out.age")
        .arg("--to")
        .arg(name)
        .run()
        .success();
    // It is guarded like the vault, even where that is open.
    let wrong = home.write("wrong", "not the passphrase\n");
    let identity = |file: &Path| {
        call(&home, "age identity -o identity.txt")
            .arg("--passphrase-file")
            .arg(file)
            .run()
    };
    identity(&wrong).code(12);
    assert!(!home.path().join("identity.txt").exists());
    identity(&home.passphrase_file()).success();
    let identity = home.path().join("identity.txt");
    assert_eq!(
        fs::metadata(&identity).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(opened(&identity, &home.path().join("out.age")), plain);
    // Stock `age` agrees about what is encrypted to it.
    let public = tool("age-keygen", &["-y", identity.to_str().unwrap()]).stdout;
    assert_eq!(public, call(&home, "age recipient").run().success().stdout);
}

#[test]
fn what_nobody_signed_comes_in_only_when_that_is_said() {
    let home = unlocked();
    let recipient = call(&home, "age recipient")
        .run()
        .success()
        .text()
        .trim_end()
        .to_owned();
    let plain = home.write("plain.env", "PLAIN=changed\nNEW='tamarind'\n");
    let file = home.path().join("in.age");
    let args = [
        "-r",
        &recipient,
        "-o",
        file.to_str().unwrap(),
        plain.to_str().unwrap(),
    ];
    assert!(tool("age", &args).status.success());
    let before = call(&home, "export").run().success().stdout;

    let unasked = call(&home, "import in.age -b api/dev --no-input")
        .run()
        .code(3);
    assert!(unasked.stderr.contains("who wrote it"), "{unasked:?}");
    let seen = call(&home, "import in.age -b api/dev --dry-run")
        .run()
        .success();
    assert!(seen.stderr.contains("1 new, 1 changed"), "{seen:?}");
    assert_eq!(call(&home, "export").run().success().stdout, before);

    let taken = call(&home, "import in.age -b api/dev --unverified")
        .run()
        .success();
    assert!(taken.stderr.contains("Imported 2 unverified"), "{taken:?}");
    assert_eq!(
        call(&home, "get -b api/dev NEW").run().success().stdout,
        b"tamarind"
    );
    let history = call(&home, "history -b api/dev NEW --json").run().success();
    assert!(
        history.text().contains("imported from in.age, unverified"),
        "{history:?}"
    );

    // A person is asked.
    let mut terminal = home
        .sealfold(["import", "in.age", "-b", "api/dev"])
        .on_terminal();
    terminal.expect("Nothing in the age file shows who wrote it. Import it? [y/N]");
    terminal.type_in("n\n");
    terminal.wait_for_code(3);

    // Changed or cut, in the header or behind it.
    let whole = fs::read(&file).unwrap();
    for at in [30, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let refused = call(&home, "import - -b api/dev --unverified")
            .stdin(changed)
            .run();
        let code = refused.status.code().unwrap();
        assert!([2, 12, 13].contains(&code), "{refused:?}");
    }
    let cut = whole[..whole.len() - 5].to_vec();
    call(&home, "import - -b api/dev --unverified")
        .stdin(cut)
        .run()
        .code(13);
    let to_others = age_key(&home, "other").1;
    let args = [
        "-r",
        &to_others,
        "-o",
        file.to_str().unwrap(),
        plain.to_str().unwrap(),
    ];
    assert!(tool("age", &args).status.success());
    call(&home, "import in.age --unverified").run().code(12);
}

/// No file under the home, the runtime folder and where temporary files go holds a value.
#[test]
fn no_plaintext_is_left_behind() {
    // threats 47 and 54
    let home = unlocked();
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let (_, public) = age_key(&home, "key.txt");
    for line in ["export -o out.age", "export --no-agent -o out2.age --armor"] {
        let export = call(&home, line)
            .arg("--to")
            .arg(&public)
            .env("TMPDIR", &temporary);
        export.with_passphrase().run().success();
    }
    home.sealfold(["lock"]).run().success();
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    let found = Command::new("grep")
        .args(["-rlaF", "marzipan"])
        .arg(home.path())
        .output();
    assert_eq!(found.unwrap().stdout, b"");
    let found = Command::new("grep")
        .args(["-rlaF", PASSPHRASE])
        .arg(home.path())
        .output();
    let only = home.passphrase_file();
    assert_eq!(
        found.unwrap().stdout,
        format!("{}\n", only.display()).as_bytes()
    );
}

#[test]
fn a_backup_to_recipients_opens_with_their_key_and_then_with_the_vault_s() {
    let home = unlocked();
    let (identity, public) = age_key(&home, "key.txt");
    let (ssh, ssh_public) = ssh_key(&home, "ed25519");
    let create = call(&home, "backup create b.age")
        .arg("--to")
        .arg(&public)
        .arg("--to")
        .arg(&ssh_public);
    let created = create.run().success();
    assert!(created.stderr.contains("Encrypted to"), "{created:?}");
    let file = home.path().join("b.age");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let inside = opened(&identity, &file);
    assert!(
        inside.starts_with(b"SQLite format 3"),
        "a vault file as any backup"
    );
    call(&home, "backup create b.age")
        .arg("--to")
        .arg(&public)
        .run()
        .code(15);

    let with = |line: &str, key: &Path| {
        let call = call(&home, line).arg("--identity").arg(key);
        call.with_passphrase().run()
    };
    for key in [&identity, &ssh] {
        with("backup verify b.age", key).success();
    }
    let (stranger, _) = age_key(&home, "stranger.txt");
    with("backup verify b.age", &stranger).code(12);
    let without = call(&home, "backup verify b.age")
        .with_passphrase()
        .run()
        .code(2);
    assert!(without.stderr.contains("--identity"), "{without:?}");
    let mut changed = fs::read(&file).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    home.write("changed.age", changed);
    with("backup verify changed.age", &identity).code(13);

    let other = Home::empty();
    let restore = other
        .sealfold(["backup", "restore"])
        .arg(&file)
        .arg("-i")
        .arg(&identity);
    restore.with_passphrase().run().success();
    let get = other
        .sealfold(["get", "-b", "api/dev", "PLAIN"])
        .with_passphrase();
    assert_eq!(get.run().success().stdout, b"marzipan");
    for folder in [home.path(), &other.sealfold_home()] {
        let left = fs::read_dir(folder).unwrap().flatten();
        let left =
            left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".sealfold"));
        assert_eq!(left.count(), 0, "{}", folder.display());
    }
}
