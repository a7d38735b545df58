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
        "MAIL",
        "prompt",
        "npm_config_script_shell",
        "SEALFOLD_HOME",
        "DBUS_SESSION_BUS_ADDRESS",
        "LUA_INIT_5_4",
        "GH_PAGER",
        "KUBE_EDITOR",
        "GH_BROWSER",
        "SSH_ASKPASS",
        "RUSTC_WRAPPER",
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER",
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_REGISTRIES_MINE_CREDENTIAL_PROVIDER",
        "ANSIBLE_CALLBACK_PLUGINS",
        "TF_CLI_CONFIG_FILE",
        "XDG_CONFIG_HOME",
        "ZIPOPT",
        "PSQLRC",
        "WGETRC",
        "CURL_HOME",
        "VIM",
        "VIMRUNTIME",
        "RIPGREP_CONFIG_PATH",
        "CCACHE_PREFIX",
        "PYTEST_PLUGINS",
        "R_LIBS",
        "GDK_PIXBUF_MODULE_FILE",
        "QT_QPA_PLATFORM_PLUGIN_PATH",
        "STARSHIP_CONFIG",
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
        "CARGO_REGISTRY_TOKEN",
        "CARGO_REGISTRIES_MINE_TOKEN",
        "CARGO_TERM_COLOR",
        "RUST_LOG",
        "ANSIBLE_VAULT_PASSWORD",
        "ANSIBLE_BECOME_PASSWORD",
        "AWS_PROFILE",
        "AWS_SECRET_ACCESS_KEY",
        "BUNDLE_GITHUB__COM",
        "CGO_ENABLED",
        "CI_JOB_TOKEN",
        "CLOUDSDK_CORE_PROJECT",
        "COMPOSER_AUTH",
        "COMPOSE_FILE",
        "COMPOSE_PROJECT_NAME",
        "DJANGO_SETTINGS_MODULE",
        "DOCKER_HOST",
        "DOTNET_ENVIRONMENT",
        "FLASK_APP",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOPRIVATE",
        "HELM_REPO_PASSWORD",
        "HOSTNAME",
        "LANG",
        "LESSONS_URL",
        "MAIL_HOST",
        "MYSQL_PASSWORD",
        "NODE_EXTRA_CA_CERTS",
        "PGPASSWORD",
        "PORT",
        "PYTHONUNBUFFERED",
        "R2_ACCESS_KEY_ID",
        "RUST_BACKTRACE",
        "SSH_PRIVATE_KEY",
        "TF_VAR_password",
        "TMPDIR",
        "TZ",
        "USER",
        "UV_PUBLISH_TOKEN",
        "VK_API_TOKEN",
        "YARN_NPM_AUTH_TOKEN",
        "",
    ] {
        assert!(!is_dangerous_name(name), "{name}");
    }
}

// threat 58
#[test]
fn our_own_names_are_known_in_every_spelling() {
    for name in ["SEALFOLD_HOME", "SEALFOLD_VAULT", "sealfold_home"] {
        assert!(is_own_name(name), "{name}");
    }
    assert!(!is_own_name("SEALFOLDER"));
}

#[test]
fn a_star_stands_for_any_text() {
    let is_in = |pattern, name| is_among(&[pattern], name);
    assert!(is_in("A_*_Z", "a_b_z") && is_in("A_*", "A_") && is_in("*_Z", "X_Y_Z"));
    assert!(!is_in("A_*_Z", "A_Z") && !is_in("A_*", "BA_") && !is_in("A", "AB"));
}

#[test]
fn every_pattern_can_match() {
    for pattern in DANGEROUS.iter().chain(EVALUATED_BY_SHELLS) {
        assert_eq!(*pattern, pattern.to_ascii_uppercase());
        assert!(pattern.matches('*').count() <= 1, "{pattern}");
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
