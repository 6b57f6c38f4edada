//! `--fail` and `/fail`: which server a rule is for, and what could be meant by it.

use crate::error::{CommandError, ErrorKind};
use crate::sandbox::Sandbox;
use crate::sandbox::faults::{Fault, Rule};
use crate::sandbox::telegram::TelegramFault;

/// The word that ends all faults.
const OFF: &str = "off";

/// What `--help` says below the examples.
pub(super) fn help() -> String {
    let faults: Vec<String> =
        Fault::all().map(|fault| format!("  {:<13} {}", fault.name(), fault.about())).collect();
    format!(
        "Rules of --fail and /fail, apart by commas; the first that hits decides:
  A1=429        one key: 429 at every call
  B=503         all keys of group B; R: the two router keys; *: all keys
  A:pro=limit0  only this model: lite, flash, pro, image or an id
  A2=hang@3     only its third call; @3-5, @3-, @10s-60s
  *=500%10      one call in ten
  sendMessage=429x2
                Telegram's method (or: download), twice; its faults: 400 to 599, retryN, htmlN, hang, close, rst, drop, mute,
                lateN, garbage

Faults of Gemini:
{}",
        faults.join("\n")
    )
}

/// Adds rules to those in force, or ends all with `off`; nothing is added when one of them is wrong.
pub(super) fn apply(sandbox: &Sandbox, text: &str) -> Result<(), String> {
    let (gemini, telegram) = (sandbox.gemini(), sandbox.telegram());
    if text.trim() == OFF {
        gemini.clear_faults();
        telegram.clear_faults();
        return Ok(());
    }
    let rules: Vec<&str> = text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).collect();
    if rules.is_empty() {
        return Err("a rule is needed, as in A1=429, or off".to_owned());
    }
    let (of_telegram, of_gemini): (Vec<&str>, Vec<&str>) =
        rules.into_iter().partition(|rule| is_method(rule));
    let labels: Vec<String> = gemini.keys().into_iter().map(|(label, _, _)| label).collect();
    for rule in &of_gemini {
        check_target(rule, &labels)?;
    }
    let of_gemini = Rule::parse_all(&of_gemini.join(",")).map_err(|error| error.to_string())?;
    let of_telegram = TelegramFault::parse_all(&of_telegram.join(",")).map_err(|error| error.to_string())?;
    for rule in of_gemini {
        gemini.add_rule(rule);
    }
    for (method, fault, times) in of_telegram {
        telegram.fail(&method, fault, times);
    }
    Ok(())
}

/// [`apply`] for the command line.
pub(super) fn apply_all(sandbox: &Sandbox, arguments: &[String]) -> Result<(), CommandError> {
    arguments.iter().try_for_each(|argument| {
        apply(sandbox, argument).map_err(|message| {
            CommandError::new(ErrorKind::Usage, message).hint("svs sandbox --help explains the rules")
        })
    })
}

/// Telegram's methods are written `sendMessage`, keys and groups with a capital.
fn is_method(rule: &str) -> bool {
    let target = rule.split('=').next().unwrap_or_default();
    target.starts_with(|c: char| c.is_ascii_lowercase()) && target.contains(|c: char| c.is_ascii_uppercase())
}

/// A rule for a key that does not exist would never hit.
fn check_target(rule: &str, labels: &[String]) -> Result<(), String> {
    let target = rule.split(['=', ':']).next().unwrap_or_default().trim();
    let is_label = labels.iter().any(|label| label == target);
    let is_group = target.len() == 1 && labels.iter().any(|label| label.starts_with(target));
    // The grammar itself is the sandbox's to refuse.
    if target == "*" || is_label || is_group || !rule.contains('=') {
        return Ok(());
    }
    let labels = labels.join(" ");
    Err(format!("bad fault rule {rule:?}: no key is called {target:?}; known are: * A B C D R {labels}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Options;

    #[tokio::test]
    async fn a_rule_is_for_one_server_and_for_something_that_exists() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        for good in ["A1=429", "B=503,R=hang@3", "*:pro=limit0", "RA=500%10", "sendMessage=429x2", "off"] {
            assert_eq!(apply(&sandbox, good), Ok(()), "{good}");
        }
        let cases = [
            ("", "a rule is needed"),
            ("A1", "expected target=fault"),
            ("A1=999", "known are: 429 "),
            ("a1=429", "known are: * A B"),
            ("A7=429", "no key is called"),
            ("E=429", "no key is called"),
            ("sendMessage=nope", "known are: 400"),
            ("sendMesage=429", "no method"),
            ("B=503,A1=999", "no fault"),
        ];
        for (wrong, why) in cases {
            let refused = apply(&sandbox, wrong).unwrap_err();
            assert!(refused.contains(why), "{wrong}: {refused}");
        }
    }
}
