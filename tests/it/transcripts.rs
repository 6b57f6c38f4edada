//! What is typed and what comes back, word for word: `tests/cmd/`, from which the README takes its examples.
//! `TRYCMD=overwrite` renews them; read the difference before it is committed.

use trycmd::TestCases;

/// The binary with a home that does not exist.
fn cases() -> TestCases {
    let cases = TestCases::new();
    cases.register_bin("svs", std::path::Path::new(env!("CARGO_BIN_EXE_svs")));
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        cases.env(name, "/nonexistent");
    }
    // Root's state is elsewhere, and may be there.
    cases.env("SVS_STATE_DIR", "/nonexistent/svs/state");
    cases.env("NO_COLOR", "1");
    cases
}

#[test]
fn before_anything_is_configured() {
    cases().case("tests/cmd/new/*.md");
}

#[test]
fn with_three_keys_of_nobody() {
    let key = |n: u32| format!("AIzaSyNotAKeyOfAnybody{n:017}");
    let cases = cases();
    cases.env("GROUP_A_KEYS", [key(1), key(2)].join(",")).env("GROUP_B_KEYS", key(3));
    cases.case("tests/cmd/configured/*.md");
}
