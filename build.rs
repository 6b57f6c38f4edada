//! Lists the languages of the bot: every file in `src/telegram/locales` is one, so that another is a file to add.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const FOLDER: &str = "src/telegram/locales";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(FOLDER);
    let mut codes = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        match name.strip_suffix(".ftl") {
            Some(code) if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                codes.push(code.to_owned());
            }
            _ => {
                return Err(format!(
                    "{FOLDER}/{name}: the two small letters of a language and .ftl name a file"
                )
                .into());
            }
        }
    }
    codes.sort();
    let count = codes.len();
    let sources = codes.iter().map(|code| folder.join(format!("{code}.ftl")));
    let sources: Vec<String> =
        sources.map(|path| format!("include_str!({:?})", path.display().to_string())).collect();
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("languages.rs"), format!("const CODES: [&str; {count}] = {codes:?};\n"))?;
    fs::write(
        Path::new(&out).join("locales.rs"),
        format!("const SOURCES: [&str; {count}] = [{}];\n", sources.join(", ")),
    )?;
    Ok(())
}
