//! `svs man`: the manual pages, made from the grammar and the topics of `svs help`.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::lines;
use crate::ui::{Body, Report, Style};

use super::Ctx;
use super::topics::{ENVIRONMENT, EXIT_CODES, FILES, OUTPUT, Topic};

/// Print the manual page, or write the pages of all commands into a folder
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs man | man -l -
  svs man --dir ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Makes the pages.
pub(crate) fn run(args: &ManArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let pages = pages((ctx.grammar)()).map_err(|error| {
        CommandError::new(ErrorKind::Bug, "the manual pages cannot be made").caused_by(&error)
    })?;
    let Some(dir) = &args.dir else {
        let main = pages.into_iter().find(|page| page.name == "svs.1");
        return Ok(Manual::Page(main.map(|page| page.text).unwrap_or_default()));
    };
    write_all(&pages, dir).map_err(|error| {
        let message = format!("cannot write the manual pages to {}", dir.display());
        CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error)
    })?;
    Ok(Manual::Written { dir: dir.clone(), files: pages.into_iter().map(|page| page.name).collect() })
}

enum Manual {
    Page(String),
    Written { dir: PathBuf, files: Vec<String> },
}

impl Report for Manual {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        match self {
            Manual::Page(text) => Body::Text(text.clone()),
            Manual::Written { dir, files } => {
                Body::Text(lines(files.iter().map(|file| dir.join(file).display().to_string())))
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Manual::Page(text) => json!({"page": text}),
            Manual::Written { dir, files } => json!({"dir": dir.to_string_lossy(), "files": files}),
        }
    }
}

/// The day of this version, changed with it: a date of the build would make every build another.
const DATED: &str = "2026-11-24";
/// Commands that read neither configuration nor state, and nothing of the environment but whether color is wished.
const OWN_WORDS: [&str; 4] = ["completions", "man", "version", "help"];

/// One manual page.
struct Page {
    name: String,
    text: String,
}

fn write_all(pages: &[Page], dir: &Path) -> io::Result<()> {
    // The process makes files for nobody else; a manual is for everybody.
    if !dir.exists() {
        std::fs::create_dir_all(dir)?;
        std::fs::set_permissions(dir, Permissions::from_mode(0o755))?;
    }
    pages.iter().try_for_each(|page| {
        let path = dir.join(&page.name);
        std::fs::write(&path, &page.text)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o644))
    })
}

/// One page for the program and one for every visible command below it.
fn pages(mut grammar: clap::Command) -> io::Result<Vec<Page>> {
    grammar.build();
    let mut pages = Vec::new();
    collect(&grammar, true, &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, is_root: bool, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command, is_root)?);
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| collect(sub, false, pages))
}

fn page(command: &clap::Command, is_root: bool) -> io::Result<Page> {
    let examples = command.get_after_help().map(ToString::to_string);
    // A page of a command is named `svs-keys-check`.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .date(DATED)
        .source(format!("svs {}", env!("CARGO_PKG_VERSION")))
        .manual("svs manual");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    push_examples(&mut roff, examples.as_deref());
    push_topic(&mut roff, &EXIT_CODES);
    if is_root {
        push_topic(&mut roff, &OUTPUT);
    }
    let own_words = OWN_WORDS.contains(&command.get_name()) && !is_root;
    let concerns = |term: &str| !own_words || term.contains("NO_COLOR");
    push_entries(&mut roff, &ENVIRONMENT, concerns);
    if own_words {
        roff.control("SH", [FILES.section]);
        roff.text([roman("None: it reads no configuration and no state.")]);
    } else {
        push_topic(&mut roff, &FILES);
    }
    if !is_root {
        roff.control("SH", ["SEE ALSO"]);
        roff.text([bold("svs"), roman("(1)")]);
    }
    roff.to_writer(&mut text)?;
    Ok(Page { name: format!("{name}.1"), text: tidy(&String::from_utf8_lossy(&text)) })
}

/// What `mandoc -Tlint` asks for: no paragraph beside another, no blanks at the end of a line, no line beyond 80
/// columns where the reader fills lines anyway.
fn tidy(text: &str) -> String {
    let text = text.replace("\n.br\n\n.br\n", "\n.sp\n");
    let mut tidied = String::with_capacity(text.len());
    let (mut as_is, mut is_tag) = (false, false);
    for line in text.lines().map(str::trim_end) {
        as_is = (as_is || line == ".nf") && line != ".fi";
        if as_is || is_tag || line.starts_with(['.', '\'']) {
            tidied += line;
        } else {
            tidied += &folded(line);
        }
        tidied.push('\n');
        is_tag = line == ".TP";
    }
    tidied
}

/// A line of text in lines of at most 80 columns. No word that begins one may be taken for a request.
fn folded(line: &str) -> String {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let breaks = lines
            .last()
            .is_some_and(|last| !last.is_empty() && last.chars().count() + word.chars().count() >= 80);
        if breaks && !word.starts_with(['.', '\'']) {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join("\n")
}

fn push_topic(roff: &mut Roff, topic: &Topic) {
    push_entries(roff, topic, |_| true);
}

fn push_entries(roff: &mut Roff, topic: &Topic, concerns: impl Fn(&str) -> bool) {
    roff.control("SH", [topic.section]);
    for (term, meaning) in topic.entries.iter().filter(|(term, _)| concerns(term)) {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*meaning)]);
    }
}

/// The part of the help below the options: titles in a section of their own, lines as they are.
fn push_examples(roff: &mut Roff, after_help: Option<&str>) {
    let Some(after_help) = after_help else { return };
    for part in after_help.split("\n\n") {
        let (title, lines) = part.split_once(":\n").unwrap_or(("Notes", part));
        roff.control("SH", [title.to_uppercase().as_str()]);
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
}
