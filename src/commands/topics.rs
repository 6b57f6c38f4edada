//! What is true for all commands: exit codes, output formats, environment, files. Shown by `svs help TOPIC` and in
//! the manual pages.

/// One topic of `svs help`.
#[derive(Debug)]
pub(crate) struct Topic {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) about: &'static str,
    /// The title of its section in a manual page.
    pub(crate) section: &'static str,
    /// Term and meaning.
    pub(crate) entries: &'static [(&'static str, &'static str)],
}

impl Topic {
    /// The topic as text for a terminal, without color.
    pub(crate) fn text(&self) -> String {
        let width = self.entries.iter().map(|(term, _)| term.len()).max().unwrap_or(0);
        let lines = self.entries.iter().map(|(term, meaning)| format!("  {term:<width$}  {meaning}\n"));
        format!("{}\n\n{}", self.about, lines.collect::<String>())
    }
}

/// All topics.
pub(crate) const TOPICS: [&Topic; 4] = [&EXIT_CODES, &OUTPUT, &ENVIRONMENT, &FILES];

/// What exit codes mean.
pub(crate) const EXIT_CODES: Topic = Topic {
    name: "exit-codes",
    about: "Exit codes. An unknown code means failure.",
    section: "EXIT STATUS",
    entries: &[
        ("0", "success; also when the reader of a pipe has gone away"),
        (
            "1",
            "warning or degraded; the negative answer of a question; an answer of ask that is not complete",
        ),
        ("2", "critical"),
        ("3", "the state could not be told"),
        ("64", "wrong usage"),
        ("65", "bad input: empty, binary or too long; or blocked for safety"),
        ("66", "no such session, user, key or request"),
        ("69", "the daemon or Gemini does not answer"),
        ("70", "a bug in svs"),
        ("73", "an output file cannot be written"),
        ("74", "the stored state cannot be read or written"),
        ("75", "not now, try again: quota, rate limit, or somebody else holds the lock"),
        ("77", "not allowed"),
        ("78", "the configuration is wrong"),
        ("130", "ended by Ctrl-C"),
        ("143", "ended by SIGTERM"),
    ],
};

/// What `--output` can be.
pub(crate) const OUTPUT: Topic = Topic {
    name: "output",
    about: "Output formats (-o). Data goes to standard output, everything else to standard error.",
    section: "OUTPUT FORMATS",
    entries: &[
        ("table", "aligned columns for people; the default"),
        ("plain", "the same rows with tabs between the fields and no header, for cut and awk"),
        ("json", "one object with \"schema\": 1; fields are only ever added, times are RFC 3339 in UTC"),
        ("jsonl", "one object per row"),
        ("csv", "comma-separated with header"),
        (
            "nagios",
            "one line as monitoring plugins print it, with exit codes 0 to 3 (keys check, status, doctor, verify)",
        ),
    ],
};

/// Which variables are read.
pub(crate) const ENVIRONMENT: Topic = Topic {
    name: "environment",
    about: "Environment variables. Flags win over them, they win over svs.toml; every setting has one, see svs.toml.",
    section: "ENVIRONMENT",
    entries: &[
        ("TELEGRAM_BOT_SVSKILO_TOKEN", "the bot's token; better in a file: TELEGRAM_BOT_SVSKILO_TOKEN_FILE"),
        ("GROUP_A_KEYS … GROUP_D_KEYS", "API keys of a group, separated by commas"),
        ("ROUTER_KEY_A, ROUTER_KEY_B", "the two router keys"),
        ("BOT_OWNER_ID", "the owner's numeric Telegram id"),
        ("SVS_CONFIG", "the configuration file (--config)"),
        ("SVS_SOCKET", "the daemon's control socket (--socket)"),
        ("SVS_LANG", "the language in which the bot's words are shown (--lang); else that of the locale"),
        ("SVS_STATE_DIR", "the folder of the stored state"),
        ("LOG_LEVEL", "error, warn, info, debug or trace"),
        ("CREDENTIALS_DIRECTORY", "set by systemd: files with the token and the keys"),
        ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE", "whether output is colored (--color)"),
    ],
};

/// Which files are used.
pub(crate) const FILES: Topic = Topic {
    name: "files",
    about: "Files.",
    section: "FILES",
    entries: &[
        (
            "$XDG_CONFIG_HOME/svs/svs.toml",
            "the configuration of a user; ~/.config where the variable is not set",
        ),
        ("/etc/svs/svs.toml", "the configuration of the system, where the user has none"),
        ("/var/lib/svs", "the stored state of the system service"),
        ("$XDG_STATE_HOME/svs", "the stored state of a user; ~/.local/state where the variable is not set"),
        ("$XDG_RUNTIME_DIR/svs/control.sock", "the control socket of a user's daemon"),
        ("/run/svs/control.sock", "the control socket of the system service"),
    ],
};
