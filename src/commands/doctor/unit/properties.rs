//! How `systemctl show` and unit files are read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What is asked of a unit.
pub(super) const ASKED: &str = "Id,LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,ExecMainStatus,\
     MainPID,ExecStart,Environment,FragmentPath,DropInPaths,NeedDaemonReload";

/// Where systemd looks for a program that is named without a folder.
const PROGRAM_FOLDERS: [&str; 4] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

/// The properties of one unit.
pub(super) struct Properties(HashMap<String, String>);

/// Units as `systemctl show` writes them: a property per line, a blank line between units.
pub(super) fn parse(text: &str) -> Vec<Properties> {
    let property = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    text.split("\n\n").map(|unit| Properties(unit.lines().filter_map(property).collect())).collect()
}

impl Properties {
    /// One property; one that a unit of this kind does not have is empty.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What it starts: `{ path=/usr/bin/svs ; argv[]=svs run ; ignore_errors=no ; … }`.
    pub(super) fn program(&self) -> &str {
        self.of_start("path=")
    }

    /// The configuration that its command line or else its environment names.
    pub(super) fn config(&self) -> Option<PathBuf> {
        let words: Vec<&str> = self.of_start("argv[]=").split_whitespace().collect();
        let after = words.iter().zip(words.iter().skip(1));
        let apart = after.filter(|(flag, _)| matches!(**flag, "-c" | "--config")).map(|(_, path)| *path);
        let joined = words.iter().filter_map(|word| word.strip_prefix("--config="));
        let variables = self.get("Environment").split_whitespace();
        let named = variables.filter_map(|set| set.trim_matches('"').strip_prefix("SVS_CONFIG="));
        apart.chain(joined).chain(named).next().map(PathBuf::from)
    }

    fn of_start(&self, field: &str) -> &str {
        let start = self.get("ExecStart");
        let value = start.split_once(field).map_or("", |(_, rest)| rest);
        value.split_once(" ; ").map_or(value, |(value, _)| value)
    }
}

/// Where the program of a unit is; none if nowhere.
pub(super) fn find_program(named: &str) -> Option<PathBuf> {
    let folders = PROGRAM_FOLDERS.iter().map(|folder| Path::new(folder).join(named));
    // A path from the root replaces the folder.
    folders.into_iter().find(|path| path.is_file())
}

/// The settings of protection in a drop-in that say something else than the unit does. What adds to a list is named as
/// well, since it allows more.
pub(super) fn unhardened(drop_in: &str, unit: &str) -> Vec<String> {
    let setting = |line: &str| {
        let (name, value) = line.trim().split_once('=')?;
        (!name.starts_with(['#', ';'])).then(|| (name.trim().to_owned(), value.trim().to_owned()))
    };
    let (_, protection) = unit.split_once("CapabilityBoundingSet=").unwrap_or_default();
    let protection = format!("CapabilityBoundingSet={protection}");
    let delivered: Vec<(String, String)> =
        protection.lines().take_while(|line| !line.starts_with('[')).filter_map(setting).collect();
    let changed = drop_in.lines().filter_map(setting).filter(|(name, value)| {
        let known = |(own, _): &&(String, String)| own == name;
        let mut same = delivered.iter().filter(known).peekable();
        same.peek().is_some() && !same.any(|(_, own)| own == value)
    });
    changed.map(|(name, value)| format!("{name}={value}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::service::unit::SERVICE;

    #[test]
    fn the_configuration_of_a_unit_is_read_from_its_command_line_or_its_environment() {
        let unit = |start: &str, environment: &str| {
            let text = format!("Id=svs.service\nExecStart={start}\nEnvironment={environment}\n");
            parse(&text).remove(0)
        };
        let start = |words: &str| {
            format!("{{ path=/usr/bin/svs ; argv[]=svs {words} ; ignore_errors=no ; pid=7 ; status=0/0 }}")
        };
        let cases = [
            (start("run"), "", None),
            (start("run -c /a/b.toml"), "", Some("/a/b.toml")),
            (start("--config=/a.toml run"), "SVS_CONFIG=/c.toml", Some("/a.toml")),
            (start("run"), "LOG_LEVEL=info \"SVS_CONFIG=/c.toml\"", Some("/c.toml")),
        ];
        for (start, environment, config) in cases {
            let unit = unit(&start, environment);
            assert_eq!(unit.config(), config.map(PathBuf::from), "{start} {environment}");
            assert_eq!(unit.program(), "/usr/bin/svs");
        }
        assert_eq!(unit("", "").program(), "");
    }

    #[test]
    fn a_drop_in_that_takes_protection_away_is_named_and_one_that_sets_other_things_is_not() {
        let cases: [(&str, &[&str]); 4] = [
            ("[Service]\nEnvironment=LOG_LEVEL=debug\nSupplementaryGroups=operators\nMemoryMax=1G\n", &[]),
            ("[Service]\nNoNewPrivileges=yes\n# ProtectHome=no\n", &[]),
            ("[Service]\n ProtectHome = no\nProtectSystem=\n", &["ProtectHome=no", "ProtectSystem="]),
            ("[Service]\nSystemCallFilter=@mount\n", &["SystemCallFilter=@mount"]),
        ];
        for (drop_in, named) in cases {
            assert_eq!(unhardened(drop_in, SERVICE), named, "{drop_in}");
        }
    }
}
