//! The grammar holds together.

use clap::error::ErrorKind as ClapError;

use super::refusal::usage_error;
use super::*;

fn exit_of(arguments: &[&str]) -> Result<(), ClapError> {
    let parsed = grammar().try_get_matches_from([&["svs"], arguments].concat());
    parsed.and_then(|matches| Cli::from_arg_matches(&matches)).map(|_| ()).map_err(|error| error.kind())
}

#[test]
fn the_grammar_holds_together() {
    grammar().debug_assert();
}

#[test]
fn every_command_says_what_it_does_and_shows_examples() {
    fn check(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:\n  "), "{}", command.get_name());
        command.get_subcommands().for_each(check);
    }
    check(&grammar());
}

#[test]
fn no_option_takes_a_secret() {
    fn check(command: &clap::Command) {
        for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let name = argument.get_id().as_str();
            let secret = ["token", "secret", "password", "api_key"].iter().any(|word| name.contains(word));
            assert!(!secret || name.ends_with("tokens") || name.ends_with("_file"), "{name}");
        }
        command.get_subcommands().for_each(check);
    }
    check(&grammar());
}

#[test]
fn whom_to_kick_must_be_said() {
    for wrong in
        [&["vip", "kick"][..], &["vip", "kick", "ming"], &["vip", "kick", "0"], &["vip", "kick", "-1"]]
    {
        assert!(exit_of(wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(exit_of(&["vip", "kick", "--all", "--yes"]), Ok(()));
    assert_eq!(exit_of(&["vip", "kick", "42", "--all"]), Err(ClapError::ArgumentConflict));
}

#[test]
fn arguments_that_cannot_be_read_still_say_how_to_refuse_them() {
    let cases: [(&[&str], Format, ColorChoice); 7] = [
        (&["--json"], Format::Json, ColorChoice::Auto),
        (&["-o", "jsonl", "--color=never"], Format::Jsonl, ColorChoice::Never),
        (&["-ojson"], Format::Json, ColorChoice::Auto),
        (&["--output=nagios"], Format::Nagios, ColorChoice::Auto),
        (&["--color", "always"], Format::Table, ColorChoice::Always),
        (&["ask", "--", "--json"], Format::Table, ColorChoice::Auto),
        (&["-o", "xml"], Format::Table, ColorChoice::Auto),
    ];
    for (arguments, format, color) in cases {
        let arguments: Vec<OsString> = [&["svs"], arguments].concat().iter().map(OsString::from).collect();
        assert_eq!(Hints::from_arguments(&arguments), Hints { format, color }, "{arguments:?}");
    }
}

#[test]
fn a_usage_error_keeps_its_tip() {
    let text = "error: unrecognized subcommand 'stauts'\n\n  tip: a similar subcommand exists: 'status'\n\nUsage: svs";
    let error = usage_error(text, false, "svs");
    assert_eq!(error.message, "unrecognized subcommand 'stauts'");
    assert_eq!(error.hints, ["a similar subcommand exists: 'status'", "svs --help"]);
    let text =
        "error: invalid value 'vpi' for '--role <ROLE>': no such role (vip); did you mean vip?\n\nFor more";
    let arguments = ["svs", "users", "ls", "--role", "vpi"].map(OsString::from);
    let error = usage_error(text, false, &command_line(&arguments));
    assert_eq!(error.message, "invalid value 'vpi' for '--role <ROLE>': no such role (vip)");
    assert_eq!(error.hints, ["did you mean vip?", "svs users ls --help"]);
}
