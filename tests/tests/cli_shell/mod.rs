//! A call of `sealfold` from within a shell, for what only a shell does to a program.

use std::process::Command;

use sealfold_tests::home::Call;

/// A shell in the place and environment of `call`. It runs `script`, in which `"$0"` is the
/// program; the call's own arguments are not used.
pub fn in_shell(call: &Call, shell: &str, script: &str) -> Command {
    let call = call.command();
    let mut command = Command::new(shell);
    command
        .args(["-c", script])
        .arg(call.get_program())
        .env_clear();
    command.envs(
        call.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.current_dir(
        call.get_current_dir()
            .expect("calls are made in their home"),
    );
    command
}
