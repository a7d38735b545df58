//! Programs that building and testing call, and the packages that bring them.

use super::packages::Manager;
use crate::workspace::{on_path, succeeds};

/// A program, and the names of its packages; an empty list where there is none.
pub struct Need {
    pub program: &'static str,
    /// Arguments with which the program must succeed, where being there is not enough.
    probe: &'static [&'static str],
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
    zypper: &'static [&'static str],
    brew: &'static [&'static str],
    /// Only Linux has what this is for.
    linux_only: bool,
}

impl Need {
    /// A need whose package has the program's name everywhere.
    const fn same(program: &'static str, name: &'static [&'static str]) -> Self {
        Self {
            program,
            probe: &[],
            apt: name,
            dnf: name,
            pacman: name,
            zypper: name,
            brew: name,
            linux_only: false,
        }
    }

    pub fn is_met(&self) -> bool {
        // Windows has none of these package managers; tests that need a tool say so there.
        if cfg!(windows) || (self.linux_only && !cfg!(target_os = "linux")) {
            return true;
        }
        on_path(self.program) && (self.probe.is_empty() || succeeds(self.program, self.probe))
    }

    pub fn packages(&self, manager: Manager) -> &'static [&'static str] {
        match manager {
            Manager::Apt => self.apt,
            Manager::Dnf => self.dnf,
            Manager::Pacman => self.pacman,
            Manager::Zypper => self.zypper,
            Manager::Brew => self.brew,
        }
    }
}

/// To build: SQLite and BLAKE3 bring C and assembly. Rust itself can't link without it, so
/// that it is missing only where Rust was told to link by other means. The window stands on the
/// system's web view, and its front end is built by Node.
pub const BUILD: &[Need] = &[
    Need {
        apt: &["gcc", "libc6-dev"],
        dnf: &["gcc", "glibc-devel"],
        zypper: &["gcc", "glibc-devel"],
        brew: &[],
        ..Need::same("cc", &["gcc"])
    },
    Need {
        probe: &["--exists", "webkit2gtk-4.1"],
        apt: &["pkg-config", "libwebkit2gtk-4.1-dev"],
        dnf: &["pkgconf-pkg-config", "webkit2gtk4.1-devel"],
        pacman: &["pkgconf", "webkit2gtk-4.1"],
        zypper: &["pkgconf", "webkit2gtk3-devel"],
        linux_only: true,
        ..Need::same("pkg-config", &[])
    },
    Need {
        brew: &["node"],
        ..Need::same("npm", &["npm"])
    },
];

/// To test: stock `age` as yardstick and way out, a Secret Service and an independent client
/// of it, shells and a terminal, Git and a server for it over ssh, and what the readers of `.env`
/// that ours is compared with, and an S3 server, are installed with.
pub const TESTS: &[Need] = &[
    Need::same("age", &["age"]),
    Need::same("git", &["git"]),
    Need {
        pacman: &["openssh"],
        zypper: &["openssh-clients"],
        dnf: &["openssh-clients"],
        brew: &[],
        ..Need::same("ssh", &["openssh-client"])
    },
    Need {
        pacman: &["openssh"],
        brew: &[],
        ..Need::same("sshd", &["openssh-server"])
    },
    Need {
        linux_only: true,
        ..Need::same("gnome-keyring-daemon", &["gnome-keyring"])
    },
    Need {
        pacman: &["dbus"],
        zypper: &["dbus-1"],
        linux_only: true,
        ..Need::same("dbus-daemon", &["dbus-daemon"])
    },
    Need {
        apt: &["libsecret-tools"],
        zypper: &["secret-tool"],
        linux_only: true,
        ..Need::same("secret-tool", &["libsecret"])
    },
    Need {
        linux_only: true,
        ..Need::same("strace", &["strace"])
    },
    Need {
        apt: &["xvfb", "fonts-dejavu-core"],
        dnf: &["xorg-x11-server-Xvfb"],
        pacman: &["xorg-server-xvfb"],
        zypper: &["xorg-x11-server-Xvfb"],
        linux_only: true,
        ..Need::same("Xvfb", &[])
    },
    Need {
        apt: &["webkit2gtk-driver"],
        dnf: &["webkit2gtk4.1"],
        pacman: &["webkit2gtk-4.1"],
        zypper: &["webkit2gtk-driver"],
        linux_only: true,
        ..Need::same("WebKitWebDriver", &[])
    },
    Need {
        linux_only: true,
        ..Need::same("xclip", &["xclip"])
    },
    Need::same("bash", &["bash"]),
    Need::same("dash", &["dash"]),
    Need::same("zsh", &["zsh"]),
    Need::same("tmux", &["tmux"]),
    Need {
        // Debian splits what `venv` needs from Python itself.
        probe: &["-c", "import venv, ensurepip"],
        apt: &["python3", "python3-venv"],
        pacman: &["python"],
        brew: &["python"],
        ..Need::same("python3", &["python3"])
    },
];

/// To take pictures of the window.
pub const SCREENS: &[Need] = &[Need {
    apt: &["imagemagick"],
    dnf: &["ImageMagick"],
    pacman: &["imagemagick"],
    zypper: &["ImageMagick"],
    linux_only: true,
    ..Need::same("import", &[])
}];

/// To test against Ceph's object gateway; its packages are tried on Debian.
pub const CEPH: &[Need] = &[
    Need {
        apt: &["radosgw"],
        linux_only: true,
        ..Need::same("radosgw", &["ceph-radosgw"])
    },
    Need {
        linux_only: true,
        ..Need::same("ceph-mon", &["ceph-mon"])
    },
    Need {
        linux_only: true,
        ..Need::same("ceph-osd", &["ceph-osd"])
    },
    Need {
        apt: &["ceph-common"],
        linux_only: true,
        ..Need::same("ceph", &["ceph-common"])
    },
    Need::same("curl", &["curl"]),
];

/// To make a `.deb`: what lays it out, and what knows the packages of libraries.
pub const PACKAGE: &[Need] = &[
    Need::same("dpkg-deb", &["dpkg"]),
    Need::same("dpkg-shlibdeps", &["dpkg-dev"]),
    Need::same("gzip", &["gzip"]),
];

/// To try a `.deb`: a small Debian to install it in, and what Debian judges packages with.
pub const TRIAL: &[Need] = &[
    Need::same("debootstrap", &["debootstrap"]),
    Need::same("lintian", &["lintian"]),
    Need::same("desktop-file-validate", &["desktop-file-utils"]),
    Need::same("appstreamcli", &["appstream"]),
];

/// To fuzz: libFuzzer comes as C++ source.
pub const FUZZ: &[Need] = &[Need {
    apt: &["g++"],
    dnf: &["gcc-c++"],
    pacman: &["gcc"],
    zypper: &["gcc-c++"],
    brew: &[],
    ..Need::same("c++", &[])
}];
