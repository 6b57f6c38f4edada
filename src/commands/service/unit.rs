//! `svs service unit`: the systemd units of this svs, and what of them is on this machine.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

/// The service as this svs has it.
pub(in crate::commands) const SERVICE: &str = include_str!("../../../deploy/svs.service");

/// Where systemd looks for units; what an earlier folder has hides what is in a later one.
const UNIT_FOLDERS: [&str; 4] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

/// Where systemd looks for a credential that is named without a folder.
const CREDENTIAL_FOLDERS: [&str; 3] = ["/run/credstore", "/etc/credstore", "/usr/lib/credstore"];

/// What svs.service hands over to svs, by the names of the files.
const CREDENTIALS: [&str; 2] = ["svs.telegram_token", "svs.gemini_keys"];

/// The systemd units of this svs, and what of them is on this machine
///
/// Installing them is the work of the package or of deploy/deploy.sh. The credentials are the files from which the
/// service gets its secrets; they may be missing where svs.toml says where else the secrets are.
///
/// Exits with 0 if the service is installed as this svs has it, else with 1.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs service unit
  svs service unit --print | diff /etc/systemd/system/svs.service -
  svs service unit --print keys-check.timer")]
pub(crate) struct UnitArgs {
    /// Print a unit instead
    #[arg(long, value_name = "UNIT", num_args = 0..=1, default_missing_value = "svs")]
    print: Option<Unit>,
}

/// A unit of this svs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Unit {
    /// The bot
    #[value(name = "svs")]
    Service,
    /// One check of the keys
    #[value(name = "keys-check")]
    Check,
    /// When the keys are checked
    #[value(name = "keys-check.timer")]
    Timer,
}

impl Unit {
    const ALL: [Unit; 3] = [Unit::Service, Unit::Check, Unit::Timer];

    const fn file(self) -> &'static str {
        match self {
            Unit::Service => "svs.service",
            Unit::Check => "svs-keys-check.service",
            Unit::Timer => "svs-keys-check.timer",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Unit::Service => SERVICE,
            Unit::Check => include_str!("../../../deploy/svs-keys-check.service"),
            Unit::Timer => include_str!("../../../deploy/svs-keys-check.timer"),
        }
    }
}

impl UnitArgs {
    /// Whether it shows the units in rows, not the text of one.
    pub(crate) const fn has_rows(&self) -> bool {
        self.print.is_none()
    }
}

/// Looks at this machine, or only at itself.
#[expect(clippy::unnecessary_wraps, reason = "all commands are run alike")]
pub(crate) fn run(args: &UnitArgs, _: &Ctx) -> Result<impl Report + use<>, CommandError> {
    Ok(match args.print {
        Some(unit) => Found::Unit(unit),
        None => Found::Parts(parts(Path::new("/"))),
    })
}

/// One file on this machine, or one that is not.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Part {
    name: &'static str,
    kind: &'static str,
    path: Option<PathBuf>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// A unit as this svs has it, or a credential.
    Installed,
    /// A unit that is not that of this svs.
    Differs,
    Missing,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            State::Installed => "installed",
            State::Differs => "differs",
            State::Missing => "missing",
        }
    }
}

fn parts(root: &Path) -> Vec<Part> {
    let find = |folders: &[&str], name: &str| {
        let paths = folders.iter().map(|folder| root.join(&folder[1..]).join(name));
        // A folder that may not be looked into (credentials are root's) has nothing for us.
        paths.into_iter().find(|path| path.exists())
    };
    let unit = |unit: Unit| {
        let path = find(&UNIT_FOLDERS, unit.file());
        let state = match &path {
            None => State::Missing,
            Some(path) if std::fs::read_to_string(path).is_ok_and(|text| text == unit.text()) => {
                State::Installed
            }
            Some(_) => State::Differs,
        };
        Part { name: unit.file(), kind: "unit", path, state }
    };
    let credential = |name: &'static str| {
        let path = find(&CREDENTIAL_FOLDERS, name);
        let state = if path.is_some() { State::Installed } else { State::Missing };
        Part { name, kind: "credential", path, state }
    };
    Unit::ALL.into_iter().map(unit).chain(CREDENTIALS.into_iter().map(credential)).collect()
}

enum Found {
    Unit(Unit),
    Parts(Vec<Part>),
}

impl Report for Found {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let parts = match self {
            Found::Unit(unit) => return Body::Text(unit.text().to_owned()),
            Found::Parts(parts) => parts,
        };
        let mut table = Table::new("parts", &["NAME", "KIND", "STATE", "PATH"]);
        for part in parts {
            let paint = match part.state {
                State::Installed => Paint::Good,
                State::Differs => Paint::Warning,
                State::Missing => Paint::Plain,
            };
            table.row([
                (Paint::Strong, part.name.to_owned()),
                (Paint::Plain, part.kind.to_owned()),
                (paint, part.state.word().to_owned()),
                (
                    Paint::Plain,
                    part.path.as_ref().map_or_else(String::new, |path| path.display().to_string()),
                ),
            ]);
        }
        Body::Table(table)
    }

    fn json(&self) -> Value {
        match self {
            Found::Unit(unit) => json!({ "unit": unit.file(), "text": unit.text() }),
            Found::Parts(parts) => {
                let part = |part: &Part| {
                    json!({
                        "name": part.name, "kind": part.kind, "state": part.state.word(), "path": part.path,
                    })
                };
                json!({ "parts": parts.iter().map(part).collect::<Vec<_>>() })
            }
        }
    }

    fn brief(&self) -> String {
        match self {
            Found::Unit(unit) => unit.text().to_owned(),
            Found::Parts(_) => String::new(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Found::Parts(parts) if parts[0].state != State::Installed => Exit(1),
            Found::Unit(_) | Found::Parts(_) => Exit::OK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_compared_with_what_this_svs_has() {
        let root = tempfile::tempdir().expect("a folder");
        let state = |name: &str| {
            let parts = parts(root.path());
            let part = parts.iter().find(|part| part.name == name).expect("a part of svs");
            (
                part.state,
                part.path.as_ref().map(|path| path.strip_prefix(root.path()).expect("in it").to_owned()),
            )
        };
        let put = |folder: &str, name: &str, text: &str| {
            let folder = root.path().join(folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(name), text).expect("a file");
        };
        assert_eq!(state("svs.service"), (State::Missing, None));
        put("usr/lib/systemd/system", "svs.service", Unit::Service.text());
        assert_eq!(state("svs.service").0, State::Installed);
        put("etc/systemd/system", "svs.service", "[Service]\n");
        let hiding = (State::Differs, Some(PathBuf::from("etc/systemd/system/svs.service")));
        assert_eq!(state("svs.service"), hiding);
        put("etc/credstore", "svs.gemini_keys", "");
        assert_eq!(state("svs.gemini_keys").0, State::Installed);
        assert_eq!(state("svs.telegram_token").0, State::Missing);
    }

    #[test]
    fn the_service_hands_over_the_credentials_that_are_looked_for() {
        let handed = Unit::Service.text().lines().filter_map(|line| line.strip_prefix("LoadCredential="));
        let named: Vec<_> = handed.filter_map(|credential| Some(credential.split_once(':')?.1)).collect();
        assert_eq!(named, CREDENTIALS);
    }
}
