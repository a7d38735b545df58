//! Names that shells evaluate, in upper case.

/// Names whose value bash or zsh expands or evaluates, so that a command in it runs: not in a
/// program that is told to, but in the shell where they are set. No quoting helps, so they are
/// never exported for a shell.
pub(super) const EVALUATED_BY_SHELLS: &[&str] = &[
    // As arithmetic, when they are assigned. It may hold an array's subscript and that a command:
    // `export RANDOM='PATH[$(id)]'` runs `id`. Found by trying every parameter of bash 5.2 and
    // zsh 5.9.
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
    // The same, from their manuals.
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
    // As arithmetic, when zsh next prompts, or lists or transfers something.
    "MENUSCROLL",
    "PERIOD",
    "ZFTP_TMOUT",
    "ZLE_RPROMPT_INDENT",
    // As text, when new mail is there: the message after `?`.
    "MAIL",
    "MAILPATH",
    // As text or as a command, when the shell prompts or traces; in zsh with PROMPT_SUBST.
    "PROMPT",
    "PROMPT2",
    "PROMPT3",
    "PROMPT4",
    "PROMPT_COMMAND",
    "PROMPT_EOL_MARK",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "RPROMPT",
    "RPROMPT2",
    "RPS1",
    "RPS2",
    "SPROMPT",
];
