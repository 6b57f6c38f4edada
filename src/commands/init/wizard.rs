//! The person is asked, step by step; every answer is tried before the next question.

use std::io;

use super::InitArgs;
use super::draft::{Draft, Listed, Seat, share_out};
use super::files;
use super::probe::{Probe, no_good_key};
use crate::commands::Ctx;
use crate::config::Secret;
use crate::error::{CommandError, ErrorKind};
use crate::redact;
use crate::ui::text::count;
use crate::ui::{choose, confirm, hidden, line, note};

/// Asks for everything that no flag says.
pub(super) async fn ask(
    args: &InitArgs,
    probe: &Probe,
    ctx: &Ctx,
) -> Result<(Draft, Option<String>, Vec<String>), CommandError> {
    let mut draft = Draft::default();
    let mut probe = Tries { probe, through: None };
    let bot = token(args, &mut draft, &mut probe).await?;
    draft.owner_id = match args.owner_id {
        Some(id) => Some(id),
        None => owner()?,
    };
    let listed = match &args.keys_file {
        Some(file) => files::keys(Some(file))?,
        None => keys().await?,
    };
    draft.place(listed.clone());
    let found = probe.get().keys(&draft.keys, ctx).await?;
    let bad: Vec<String> = found.iter().flatten().cloned().collect();
    if bad.len() == draft.keys.len() {
        return Err(no_good_key(bad));
    }
    let mut kept: Vec<Listed> = listed;
    let mut left = bad;
    if !left.is_empty() {
        for bad in &left {
            note(bad);
        }
        if agreed(&format!("Leave out {}?", count(left.len(), "key")))? {
            let refused: Vec<Secret> = draft
                .keys
                .iter()
                .zip(&found)
                .filter(|(_, why)| why.is_some())
                .map(|(key, _)| key.secret.clone())
                .collect();
            kept.retain(|key| !refused.contains(&key.secret));
            left.clear();
        }
    }
    seats(&mut kept)?;
    draft.place(kept);
    projects(&mut draft)?;
    Ok((draft, bot, left))
}

/// The way to Telegram and Google, which may turn out to lead through a proxy.
struct Tries<'a> {
    probe: &'a Probe,
    through: Option<Probe>,
}

impl Tries<'_> {
    fn get(&self) -> &Probe {
        self.through.as_ref().unwrap_or(self.probe)
    }
}

/// Asks for the token until Telegram knows it; where Telegram cannot be reached, for a proxy.
async fn token(
    args: &InitArgs,
    draft: &mut Draft,
    probe: &mut Tries<'_>,
) -> Result<Option<String>, CommandError> {
    let mut token = files::token(args.token_file.as_deref())?;
    loop {
        let tried = if let Some(token) = token.take() {
            token
        } else {
            let typed = hidden("The bot's token, from @BotFather (not shown)", false).await;
            let Some(typed) = typed.map_err(|error| unasked(&error))?.pop() else { continue };
            redact::register(&typed);
            Secret::new(typed)
        };
        match probe.get().bot(&tried).await {
            Ok(bot) => {
                if let Some(bot) = &bot {
                    note(&format!("the bot is @{bot}"));
                }
                draft.token = Some(tried);
                return Ok(bot);
            }
            Err(error) if error.kind == ErrorKind::Config && args.token_file.is_none() => {
                note(&format!("{error}: try again"));
            }
            Err(error) if error.kind == ErrorKind::Unavailable => {
                note(&[vec![error.message], error.causes].concat().join(": "));
                let question = "A proxy to reach it, as http://host:port (empty: try again)";
                let address = line(question, None, proxy_form).map_err(|error| unasked(&error))?;
                draft.proxy = (!address.is_empty()).then(|| Secret::new(address));
                probe.through = draft.proxy.as_ref().map(|proxy| probe.probe.through(proxy));
                token = Some(tried);
            }
            Err(error) => return Err(error),
        }
    }
}

fn proxy_form(text: &str) -> Result<(), String> {
    let fits = text.is_empty() || text.starts_with("http://") || text.starts_with("https://");
    if fits { Ok(()) } else { Err("an address like http://127.0.0.1:7890".to_owned()) }
}

fn owner() -> Result<Option<i64>, CommandError> {
    let answers = [
        "Whoever first opens a link that svs run prints".to_owned(),
        "The Telegram user with this id …".to_owned(),
    ];
    if choose("Who is the owner?", &answers).map_err(|error| unasked(&error))? == 0 {
        return Ok(None);
    }
    let id = |text: &str| text.parse::<i64>().ok().filter(|id| *id > 0);
    let accept =
        |text: &str| id(text).map(|_| ()).ok_or_else(|| "a number, as @userinfobot tells it".to_owned());
    let typed = line("The owner's numeric id", None, accept).map_err(|error| unasked(&error))?;
    Ok(id(&typed))
}

async fn keys() -> Result<Vec<Listed>, CommandError> {
    let answers = ["Paste them here, not shown".to_owned(), "They are in a file …".to_owned()];
    if choose("The API keys, from https://aistudio.google.com/apikey", &answers)
        .map_err(|error| unasked(&error))?
        == 1
    {
        loop {
            let path = line("The file", None, |_| Ok(())).map_err(|error| unasked(&error))?;
            match files::keys(Some(path.as_ref())) {
                Ok(listed) => return Ok(listed),
                Err(error) => note(&format!("{error}: try again")),
            }
        }
    }
    loop {
        let lines = hidden("Keys, one or more a line, then an empty line (not shown)", true).await;
        let text = lines.map_err(|error| unasked(&error))?.join("\n");
        match files::parse(&text) {
            Ok(listed) if !listed.is_empty() => {
                note(&format!("read {}", count(listed.len(), "key")));
                return Ok(listed);
            }
            Ok(_) => {}
            Err(number) => note(&format!("line {number} is no key: try again")),
        }
    }
}

/// Where keys go that did not come with their places.
fn seats(keys: &mut [Listed]) -> Result<(), CommandError> {
    let open = keys.iter().filter(|key| key.seat.is_none()).count();
    if open < 2 {
        return Ok(());
    }
    let mut proposal = Draft::default();
    proposal.place(keys.to_vec());
    let answers = [
        format!("Share them out: {}", proposal.groups().join(", ")),
        "All in group A: everybody is served from it".to_owned(),
        "Choose for each key".to_owned(),
    ];
    let question = "Which group has which keys? A serves owner and vip, B premium, C normal, D guest";
    let chosen = choose(question, &answers).map_err(|error| unasked(&error))?;
    let mut shared = share_out(open).into_iter();
    for key in keys.iter_mut().filter(|key| key.seat.is_none()) {
        let proposed = shared.next();
        key.seat = match chosen {
            0 => proposed,
            1 => Seat::parse("A"),
            _ => {
                let accept = |text: &str| {
                    Seat::parse(text).map(|_| ()).ok_or_else(|| "A, B, C, D, RA or RB".to_owned())
                };
                let question = format!("Key {}: A, B, C, D, RA or RB", key.secret.masked());
                Seat::parse(
                    &line(&question, proposed.map(Seat::name), accept).map_err(|error| unasked(&error))?,
                )
            }
        };
    }
    Ok(())
}

/// Which keys share a quota.
fn projects(draft: &mut Draft) -> Result<(), CommandError> {
    if draft.keys.len() < 2 || draft.keys.iter().any(|key| key.project.is_some()) {
        return Ok(());
    }
    let answers = [
        "Every key is of a project of its own".to_owned(),
        "All are of one project".to_owned(),
        "Name the project of each key".to_owned(),
    ];
    let chosen = choose("Google counts quota per project:", &answers).map_err(|error| unasked(&error))?;
    let mut last = None;
    for key in &mut draft.keys {
        key.project = match chosen {
            0 => None,
            1 => Some("main".to_owned()),
            _ => {
                let question = format!("Project of {} {} (empty: its own)", key.id, key.secret.masked());
                let named = line(&question, last.clone(), |_| Ok(())).map_err(|error| unasked(&error))?;
                Some(named).filter(|named| !named.is_empty())
            }
        };
        last.clone_from(&key.project);
    }
    Ok(())
}

fn agreed(question: &str) -> Result<bool, CommandError> {
    confirm(question).map_err(|error| unasked(&error))
}

/// Nobody answers: Ctrl-C, or the terminal is gone.
fn unasked(error: &io::Error) -> CommandError {
    if error.kind() == io::ErrorKind::Interrupted {
        return CommandError::new(ErrorKind::Interrupted, "interrupted");
    }
    CommandError::new(ErrorKind::Usage, "the answer cannot be read")
        .caused_by(error)
        .hint("svs init --non-interactive --token-file FILE --keys-file FILE")
}
