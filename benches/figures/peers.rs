//! What we compare with: curl, and a plain bot on python-telegram-bot, installed into the target folder.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::world::{Fallible, World};

/// The model both sides ask.
const MODEL: &str = "gemini-3.5-flash-lite";
/// The version of the peer, as it was when the goals were written.
const PTB: &str = "python-telegram-bot==22.8";

/// The request of `svs ask`, by curl.
pub(crate) fn curl(world: &World) -> Fallible<Command> {
    let url = world.sandbox()?.gemini_url();
    let mut command = Command::new("curl");
    // No settings and no proxy of this machine.
    command.args([
        "-q",
        "--noproxy",
        "*",
        "-sS",
        "--fail",
        "-X",
        "POST",
        "-H",
        "content-type: application/json",
        "-H",
    ]);
    command.arg(format!("x-goog-api-key: {}", first_key(world)?));
    command.args(["-d", r#"{"contents":[{"role":"user","parts":[{"text":"2+2?"}]}]}"#]);
    command.arg(format!("{url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"));
    Ok(command)
}

/// The bot on python-telegram-bot; an error says why there is none.
pub(crate) fn ptb(world: &World) -> Fallible<Command> {
    let python = install()?;
    let mut command = Command::new(python);
    let sandbox = world.sandbox()?;
    let keys: Vec<String> = sandbox.gemini().keys().into_iter().map(|(_, secret, _)| secret).collect();
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/ptb.py"));
    command.env_clear().env("PYTHONUNBUFFERED", "1");
    command.env("TELEGRAM_URL", sandbox.telegram_url()).env("TELEGRAM_TOKEN", sandbox.bot_token());
    command.env("GEMINI_URL", sandbox.gemini_url()).env("GEMINI_KEYS", keys.join(",")).env("MODEL", MODEL);
    Ok(command)
}

fn first_key(world: &World) -> Fallible<String> {
    let keys = world.sandbox()?.gemini().keys();
    keys.into_iter().next().map(|(_, secret, _)| secret).ok_or_else(|| "no key".into())
}

/// The interpreter of an environment that has the library; made at the first call.
fn install() -> Fallible<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ptb");
    let python = folder.join("bin/python3");
    let runs = |command: &mut Command| -> Fallible<bool> {
        Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
    };
    if runs(Command::new(&python).args(["-c", "import telegram.ext"])).unwrap_or(false) {
        return Ok(python);
    }
    if !runs(Command::new("python3").args(["-m", "venv"]).arg(&folder)).unwrap_or(false) {
        return Err("python3 with venv is not here".into());
    }
    let install =
        ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--timeout", "10", "--retries", "1"];
    if !runs(Command::new(&python).args(install).arg(PTB))? {
        return Err(format!("pip could not install {PTB}").into());
    }
    Ok(python)
}
