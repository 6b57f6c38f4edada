//! Completion as a shell drives it: what stands behind a word that somebody begins to type.

use std::path::Path;
use std::process::Command;

use crate::support::{World, owner};

/// What bash offers for a line: its words are broken as readline breaks them.
const DRIVER: &str = r#"
source <(svs completions bash)
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"$(sed -E 's/([=:@])/ \1 /g' <<<"$1")"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
current=${COMP_WORDS[COMP_CWORD]}
[[ $current == [=:@] ]] && current=""
COMPREPLY=()
_svs svs "$current" ""
printf '%s\n' "${COMPREPLY[@]}"
"#;

/// The same in elvish, whose completions are functions that are given the words. Without a terminal it has no place to
/// put them: it gets one of its own.
const ELVISH_DRIVER: &str = r"
use str
var edit: = (ns [&completion:=(ns [&arg-completer=[&]])])
eval (svs completions elvish | slurp) &ns=(ns [&edit:=$edit:])
var words = [(str:split ' ' $args[0])]
$edit:completion:arg-completer[svs] $@words
";

fn offered(socket: &Path, line: &str) -> Vec<String> {
    offered_by("bash", &["--norc", "-c", DRIVER, "bash", line], socket)
}

fn offered_by(shell: &str, arguments: &[&str], socket: &Path) -> Vec<String> {
    let line = arguments.last().expect("a line");
    let folder = Path::new(env!("CARGO_BIN_EXE_svs")).parent().expect("it lies in a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new(shell)
        .args(arguments)
        .env("PATH", path)
        .env("SVS_SOCKET", socket)
        .output()
        .expect("the shell starts");
    assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_offers_commands_and_what_the_daemon_knows() {
    let world = World::new();
    let _daemon = world.start(&[]);
    world.ask(&owner(), "hello", 1);
    let socket = world.socket();
    let is_offered = |line: &str, word: &str| offered(&socket, line).iter().any(|found| found == word);
    // A loaded machine may pass the patience of a completion once.
    world.wait("the keys", || is_offered("svs keys disable ", "A1"));
    world.wait("a key behind the sign of equality", || is_offered("svs keys check --key=A", "A1"));
    world.wait("a key behind a comma", || is_offered("svs route --role vip --fail A1,B", "A1,B1"));
    world.wait("the owner", || is_offered("svs users show ", &owner().id.to_string()));
    assert!(is_offered("svs users role 42 p", "premium"));
    assert!(is_offered("svs st", "status"));
    assert!(!is_offered("svs keys disable ", "--yes"), "an option was offered in place of a key");
}

#[test]
fn without_a_daemon_nothing_is_said() {
    let nowhere = Path::new("/nonexistent/control.sock");
    for line in ["svs users show @", "svs keys check --key A", "svs vip kick seat:"] {
        assert_eq!(offered(nowhere, line), [""; 0], "{line}");
    }
    assert_eq!(offered(nowhere, "svs keys dis"), ["disable"]);
}

#[test]
fn elvish_offers_commands_and_what_the_daemon_knows() {
    if Command::new("elvish").arg("-version").output().is_err() {
        return println!("skipped: there is no elvish (Debian: elvish)");
    }
    let world = World::new();
    let _daemon = world.start(&[]);
    world.wait("the socket", || world.socket().exists());
    let offered = |line: &str| offered_by("elvish", &["-norc", "-c", ELVISH_DRIVER, line], &world.socket());
    let is_offered = |line: &str, word: &str| offered(line).iter().any(|found| found == word);
    world.wait("the keys", || is_offered("svs keys disable ", "A1"));
    world.wait("a key behind the sign of equality", || is_offered("svs keys check --key=A", "--key=A1"));
    assert!(is_offered("svs st", "status") && is_offered("svs users role 42 p", "premium"));
    assert!(is_offered("svs ask --lang ", "zh"), "{:?}", offered("svs ask --lang "));
    assert!(!is_offered("svs keys disable ", "--yes"), "an option was offered in place of a key");
}
