//! `svs doctor`: what is wrong around svs, and what to do about it.
//!
//! - `local`: what can be seen from this machine. `unit`: what its systemd says. `online`: what Telegram and Google say.

mod local;
mod online;
mod unit;

use std::time::Duration;

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{lines, one_line};
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

/// Look for what is wrong with the machine, the service, the configuration, Telegram and Google
///
/// Reads and asks, changes nothing and spends no quota. Each finding that is not good comes with what to do. Without
/// --online nothing leaves this machine.
///
/// Exits with 0 if all is well, 1 if something deserves a look, 2 if svs cannot work.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs doctor
  svs doctor --online
  svs doctor --online -o nagios
  svs doctor --json | jq '.checks[] | select(.state != \"pass\")'")]
pub(crate) struct DoctorArgs {
    /// Ask Telegram and Google, too
    #[arg(long)]
    online: bool,
}

/// How one check ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum State {
    Skip,
    Pass,
    Warn,
    Fail,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            State::Skip => "skip",
            State::Pass => "pass",
            State::Warn => "warn",
            State::Fail => "fail",
        }
    }

    const fn paint(self) -> Paint {
        match self {
            State::Skip => Paint::Faint,
            State::Pass => Paint::Good,
            State::Warn => Paint::Warning,
            State::Fail => Paint::Bad,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Check {
    name: &'static str,
    state: State,
    found: String,
    /// What to do; where it is not good.
    fix: Option<String>,
}

impl Check {
    fn pass(name: &'static str, found: impl Into<String>) -> Check {
        Check { name, state: State::Pass, found: found.into(), fix: None }
    }

    fn skip(name: &'static str, why: impl Into<String>) -> Check {
        Check { name, state: State::Skip, found: why.into(), fix: None }
    }

    fn warn(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Check {
        Check { name, state: State::Warn, found: found.into(), fix: Some(fix.into()) }
    }

    fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Check {
        Check { name, state: State::Fail, found: found.into(), fix: Some(fix.into()) }
    }

    /// What a failed command says, as a finding.
    fn of_error(name: &'static str, error: &CommandError, fix: &str) -> Check {
        let fix = error.hints.first().map_or(fix, String::as_str);
        let found: Vec<&str> =
            std::iter::once(&error.message).chain(&error.causes).map(String::as_str).collect();
        Check::fail(name, found.join(": "), fix)
    }
}

/// Looks at everything; a check that cannot be made says why and stops no other.
pub(crate) async fn run(args: &DoctorArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let (mut checks, config) = local::checks(ctx).await;
    match (config, args.online) {
        (Some(config), true) => {
            let asking = async { Ok(online::checks(&config, ctx).await) };
            match ctx.within(Duration::from_mins(1), "asking Telegram and Google", asking).await {
                Ok(found) => checks.extend(found),
                Err(error) => checks.push(Check::of_error("online", &error, "look at the network")),
            }
        }
        (None, true) => checks.push(Check::skip("online", "there is no configuration to ask with")),
        (_, false) => checks.push(Check::skip("online", "Telegram and Google are asked with --online")),
    }
    Ok(Findings(checks))
}

struct Findings(Vec<Check>);

impl Findings {
    fn worst(&self) -> State {
        self.0.iter().map(|check| check.state).max().unwrap_or(State::Skip)
    }

    fn count(&self, state: State) -> usize {
        self.0.iter().filter(|check| check.state == state).count()
    }

    /// Those that are not good, worst first.
    fn bad(&self) -> Vec<&Check> {
        let mut bad: Vec<&Check> = self.0.iter().filter(|check| check.state >= State::Warn).collect();
        bad.sort_by_key(|check| std::cmp::Reverse(check.state));
        bad
    }

    fn table(&self) -> Table {
        let mut table = Table::new("checks", &["STATE", "CHECK", "FOUND", "FIX"]);
        for check in &self.0 {
            table.row([
                (check.state.paint(), check.state.name().to_owned()),
                (Paint::Strong, check.name.to_owned()),
                (Paint::Plain, check.found.clone()),
                (Paint::Plain, check.fix.clone().unwrap_or_default()),
            ]);
        }
        table
    }
}

impl Report for Findings {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let width = self.0.iter().map(|check| check.name.len()).max().unwrap_or(0);
        let line = |check: &Check| {
            let state = style.paint(check.state.paint(), &check.state.name().to_uppercase());
            let name = style.paint(Paint::Strong, &format!("{:<width$}", check.name));
            let fix = check.fix.iter().map(|fix| format!("\n{:7}{:width$}fix: {}", "", "", one_line(fix)));
            format!("{state}  {name}  {}{}", one_line(&check.found), fix.collect::<String>())
        };
        Body::Text(lines(self.0.iter().map(line)))
    }

    fn csv(&self) -> Option<Table> {
        Some(self.table())
    }

    fn json(&self) -> Value {
        let check = |check: &Check| {
            json!({
                "check": check.name, "state": check.state.name(), "found": check.found, "fix": check.fix,
            })
        };
        json!({
            "checks": self.0.iter().map(check).collect::<Vec<_>>(),
            "state": self.worst().name(),
            "passed": self.count(State::Pass),
            "warnings": self.count(State::Warn),
            "failures": self.count(State::Fail),
            "skipped": self.count(State::Skip),
        })
    }

    fn brief(&self) -> String {
        lines(self.bad().into_iter().map(|check| {
            format!("{} {}: {}", check.state.name().to_uppercase(), check.name, one_line(&check.found))
        }))
    }

    fn nagios(&self) -> Option<String> {
        let word = ["OK", "WARNING", "CRITICAL"][usize::from(self.exit().0)];
        let bad: Vec<String> = self
            .bad()
            .into_iter()
            .map(|check| format!("{}: {}", check.name, one_line(&check.found)))
            .collect();
        let text =
            if bad.is_empty() { format!("{} checks", self.count(State::Pass)) } else { bad.join(", ") };
        let counts = [(State::Pass, "passed"), (State::Warn, "warnings"), (State::Fail, "failures")];
        let counts = counts.map(|(state, name)| format!("{name}={}", self.count(state)));
        Some(format!("{word} - {} | {}", text.replace('|', "/"), counts.join(" ")))
    }

    fn exit(&self) -> Exit {
        match self.worst() {
            State::Skip | State::Pass => Exit::OK,
            State::Warn => Exit(ErrorKind::Negative.exit_code()),
            State::Fail => Exit(ErrorKind::Critical.exit_code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_check_decides_and_is_named_first() {
        let pass = || Check::pass("disk", "9 GB free");
        let warn = || Check::warn("clock", "3s ahead", "timedatectl set-ntp true");
        let fail = || Check::fail("getMe", "no | token", "svs init");
        let cases = [
            (vec![pass(), Check::skip("online", "")], 0, "OK - 1 checks | passed=1 warnings=0 failures=0"),
            (vec![pass(), warn()], 1, "WARNING - clock: 3s ahead | passed=1 warnings=1 failures=0"),
            (
                vec![warn(), fail()],
                2,
                "CRITICAL - getMe: no / token, clock: 3s ahead | passed=0 warnings=1 failures=1",
            ),
        ];
        for (checks, exit, line) in cases {
            let findings = Findings(checks);
            assert_eq!((findings.exit(), findings.nagios().as_deref()), (Exit(exit), Some(line)));
        }
    }
}
