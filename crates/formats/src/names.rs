//! Which variable names are safe to put into an environment.
//!
//! A name is dangerous when setting it makes an ordinary program load, run or look up something
//! else than it would have: then whoever writes a secret runs code at everyone who uses it. A
//! variable that only changes where a program connects, or whom it trusts there (`http_proxy`,
//! `SSL_CERT_FILE`), is not on the list: real `.env` files are full of them, and a teammate who
//! may write `DATABASE_URL` can do as much.
//!
//! Names compare without regard to case: Windows knows no case, zsh ties `path` to `PATH`, and a
//! vault is shared between systems. A variable that is really called `env` has to be mapped
//! explicitly, which is the cheaper mistake.

/// Names that begin so.
const PREFIXES: &[&str] = &[
    "LD_",          // ELF loader: LD_PRELOAD, LD_LIBRARY_PATH, LD_AUDIT
    "DYLD_",        // macOS loader
    "_RLD",         // IRIX and Tru64 loaders
    "GIT_",         // GIT_SSH_COMMAND, GIT_CONFIG_*, GIT_EXTERNAL_DIFF, GIT_EXEC_PATH
    "BASH_FUNC_",   // functions imported by bash
    "NPM_CONFIG_",  // script-shell, node-options, registry
    "PIP_",         // index, build options
    "COR_PROFILER", // .NET: loads a library
    "CORECLR_",     // .NET: the same
    "DOTNET_STARTUP_HOOKS",
];

/// Whole names, sorted by who obeys them.
const NAMES: &[&str] = &[
    // Where programs and libraries are found.
    "PATH",
    "PATHEXT",
    "COMSPEC",
    "SYSTEMROOT",
    "WINDIR",
    "SHELL",
    "LIBPATH",
    "SHLIB_PATH",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "MALLOC_TRACE",
    "GLIBC_TUNABLES",
    // Where programs look for their configuration.
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "XDG_RUNTIME_DIR",
    "INPUTRC",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TERMCAP",
    // Shells: files read at start, options, text evaluated at a prompt or in a trace.
    "BASH_ENV",
    "ENV",
    "ZDOTDIR",
    "FPATH",
    "MODULE_PATH",
    "CDPATH",
    "IFS",
    "SHELLOPTS",
    "BASHOPTS",
    "BASH_LOADABLES_PATH",
    "BASH_XTRACEFD",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PROMPT",
    "PROMPT2",
    "PROMPT3",
    "PROMPT4",
    "RPROMPT",
    "RPS1",
    "PROMPT_COMMAND",
    "MAILPATH",
    "POSTEDIT",
    "NULLCMD",
    "READNULLCMD",
    "FCEDIT",
    "HISTFILE",
    "GLOBIGNORE",
    "EXECIGNORE",
    "FIGNORE",
    "PSMODULEPATH",
    // Commands run by other programs.
    "EDITOR",
    "VISUAL",
    "SUDO_EDITOR",
    "PAGER",
    "MANPAGER",
    "BAT_PAGER",
    "SYSTEMD_PAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "LESSKEY",
    "LESSKEYIN",
    "LESS",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "SSH_AUTH_SOCK",
    "RSYNC_RSH",
    "CVS_RSH",
    "SVN_SSH",
    "HGRCPATH",
    "HGEDITOR",
    "VIMINIT",
    "EXINIT",
    "MYVIMRC",
    "GVIMINIT",
    "NVIM_APPNAME",
    "FZF_DEFAULT_COMMAND",
    "FZF_DEFAULT_OPTS",
    "TAR_OPTIONS",
    "MAKEFLAGS",
    "MFLAGS",
    "GNUMAKEFLAGS",
    "MAKEFILES",
    // Interpreters: code or libraries loaded at start.
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "ELECTRON_RUN_AS_NODE",
    "BUN_OPTIONS",
    "DENO_DIR",
    "PYTHONSTARTUP",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONUSERBASE",
    "PYTHONINSPECT",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "PYTHONEXECUTABLE",
    "PYTHONPLATLIBDIR",
    "PYTHONCASEOK",
    "PYTHON_HISTORY",
    "VIRTUAL_ENV",
    "PERL5LIB",
    "PERLLIB",
    "PERL5OPT",
    "PERL5DB",
    "PERL5SHELL",
    "RUBYOPT",
    "RUBYLIB",
    "GEM_HOME",
    "GEM_PATH",
    "BUNDLE_GEMFILE",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "LUA_INIT",
    "LUA_PATH",
    "LUA_CPATH",
    "R_PROFILE",
    "R_PROFILE_USER",
    "R_ENVIRON",
    "R_ENVIRON_USER",
    "TCLLIBPATH",
    "ERL_FLAGS",
    "ERL_AFLAGS",
    "ERL_ZFLAGS",
    "ERL_LIBS",
    "ELIXIR_ERL_OPTIONS",
    "JULIA_LOAD_PATH",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JAVA_OPTS",
    "JAVA_HOME",
    "CLASSPATH",
    "MAVEN_OPTS",
    "MAVEN_ARGS",
    "GRADLE_OPTS",
    "SBT_OPTS",
    "DOTNET_ROOT",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_SHARED_STORE",
    // Compilers and build tools.
    "CC",
    "CXX",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "GOFLAGS",
    "GOENV",
    "GOROOT",
    "GOPATH",
    "GOTOOLCHAIN",
    "GCC_EXEC_PREFIX",
    "COMPILER_PATH",
    // Libraries that load modules.
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "SSLKEYLOGFILE",
    "GTK_MODULES",
    "GTK_PATH",
    "GIO_EXTRA_MODULES",
    "GIO_MODULE_DIR",
    "GST_PLUGIN_PATH",
    "QT_PLUGIN_PATH",
    "VK_LAYER_PATH",
    "LIBGL_DRIVERS_PATH",
    "ALSA_CONFIG_PATH",
    "AWS_CONFIG_FILE",
    "KUBECONFIG",
    "DOCKER_CONFIG",
    "PGSYSCONFDIR",
    "TNS_ADMIN",
];

/// Names whose value bash or zsh evaluates as arithmetic when it is assigned. Arithmetic may hold
/// an array's subscript and that a command, so even `export RANDOM='PATH[$(id)]'` runs `id`.
/// Found by trying every parameter of bash 5.2 and zsh 5.9; the last line is from their manuals.
const EVALUATED_BY_SHELLS: &[&str] = &[
    "COLUMNS",
    "EGID",
    "ERRNO",
    "EUID",
    "FUNCNEST",
    "GID",
    "HISTCMD",
    "HISTSIZE",
    "KEYTIMEOUT",
    "LINES",
    "LISTMAX",
    "MAILCHECK",
    "OPTIND",
    "RANDOM",
    "SAVEHIST",
    "SECONDS",
    "SHLVL",
    "SRANDOM",
    "TRY_BLOCK_ERROR",
    "TRY_BLOCK_INTERRUPT",
    "UID",
    "BASHPID",
    "BAUD",
    "DIRSTACKSIZE",
    "EPOCHSECONDS",
    "LINENO",
    "LOGCHECK",
    "PPID",
    "REPORTMEMORY",
    "REPORTTIME",
    "TMOUT",
    "TTYIDLE",
];

/// Whether setting this variable could make an ordinary program run something else. Callers that
/// build an environment or print assignments refuse such names unless the user mapped them.
pub fn is_dangerous_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    PREFIXES.iter().any(|p| upper.starts_with(p))
        || NAMES.contains(&upper.as_str())
        || is_evaluated_by_shells(&upper)
}

/// Whether a shell would evaluate the value and not just store it.
pub(crate) fn is_evaluated_by_shells(name: &str) -> bool {
    EVALUATED_BY_SHELLS.contains(&name)
}

/// Whether this is a name as POSIX has it: ASCII letters, digits and `_`, not beginning with a
/// digit (XBD 8.1). Every shell and every reader of `.env` files takes such a name.
pub fn is_portable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 58
    #[test]
    fn names_that_load_or_run_something_are_dangerous() {
        for name in [
            "PATH",
            "Path",
            "LD_PRELOAD",
            "ld_preload",
            "DYLD_INSERT_LIBRARIES",
            "BASH_ENV",
            "ENV",
            "NODE_OPTIONS",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "PERL5OPT",
            "RUBYOPT",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "IFS",
            "SHELLOPTS",
            "PS4",
            "PROMPT_COMMAND",
            "JAVA_TOOL_OPTIONS",
            "BASH_FUNC_ls%%",
            "RANDOM",
            "npm_config_script_shell",
        ] {
            assert!(is_dangerous_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_hold_data_are_not() {
        for name in [
            "DATABASE_URL",
            "PATHS",
            "MY_PATH",
            "GITHUB_TOKEN",
            "LDAP_URL",
            "APP_ENV",
            "NODE_ENV",
            "HTTP_PROXY",
            "",
        ] {
            assert!(!is_dangerous_name(name), "{name}");
        }
    }

    #[test]
    fn portable_names_are_those_of_posix() {
        assert!(["A", "_", "a1", "_9"].into_iter().all(is_portable_name));
        assert!(
            ["", "1A", "A-B", "A.B", "A B", "Ä", "A=", "A\n"]
                .into_iter()
                .all(|n| !is_portable_name(n))
        );
    }
}
