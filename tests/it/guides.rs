//! The guides in `docs/` are true: every command that they show runs beside a daemon, with what it prints.
//! `TRYCMD=overwrite` renews them; read the difference before it is committed.

use svs::sandbox::gemini::Answer;
use trycmd::TestCases;

use crate::support::{World, english, owner};

#[test]
fn every_command_of_the_guides_does_what_they_say() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start(&[]);
    for (person, text) in [(owner(), "hello"), (english(), "what is a monad?")] {
        world.ask(&person, text, 1);
    }
    let cases = TestCases::new();
    cases.register_bin("svs", std::path::Path::new(env!("CARGO_BIN_EXE_svs")));
    let home = [("HOME", "/nonexistent"), ("XDG_CONFIG_HOME", "/nonexistent"), ("NO_COLOR", "1")];
    let home = home.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (name, value) in world.environment().into_iter().chain(home) {
        cases.env(name, value);
    }
    cases.case("docs/*.md");
}

#[test]
fn the_guides_show_only_commands_that_are_tried() {
    // A block of shell is not tried: it is for what is no command of svs, or not to be run.
    let untried = ["0 * * * * svs keys check"];
    for guide in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).expect("guides") {
        let path = guide.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for block in text.split("\n```sh\n").skip(1) {
            let block = block.split("\n```").next().unwrap_or_default();
            assert!(untried.iter().any(|start| block.starts_with(start)), "{}: {block}", path.display());
        }
    }
}
