//! /keys: every key at a glance, for the owner alone. Names, states and counts; never more of a secret than its tail.

use super::person::Person;
use super::route::say;
use crate::domain::chat::Language;
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::{Condition, KeyView};
use crate::store::StoreError;
use crate::telegram::desk::Desk;
use crate::telegram::markdown::{MAX_UNITS, utf16_len};
use crate::telegram::texts::{Key, Texts, word};
use crate::telegram::turn::Turn;

/// Left for the line that says how many keys are not shown.
const FOR_THE_REST: usize = 120;

/// Answers with all keys, group by group.
pub(super) async fn keys(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    if !turn.message.chat.is_private {
        return say(desk, turn, texts.get(language, Key::OnlyInPrivate)).await;
    }
    let gauges = desk.gateway.gauges().await?;
    let all = gauges.all_keys();
    let until = |view: &KeyView| {
        let ends = view.until().filter(|_| view.condition != Condition::Ready);
        ends.map(|until| texts.until(language, until, gauges.now))
    };
    let line =
        |view: &KeyView| line_of(texts, language, view, tail_of(desk, view.id).as_deref(), until(view));
    let head = texts.render(
        language,
        Key::KeysHead,
        [
            ("total", all.total.into()),
            ("usable", all.usable().into()),
            ("in", word(texts.until(language, gauges.resets_at, gauges.now))),
        ],
    );
    let title = |group: Option<Group>| match group {
        Some(group) => texts.render(language, Key::KeysGroup, [("group", word(group.letter().to_string()))]),
        None => texts.get(language, Key::KeysReserve),
    };
    let listed: Vec<_> = gauges.keys.iter().map(|view| (view.id.group(), line(view))).collect();
    let rest = |left: usize| {
        texts.render(language, Key::KeysMore, [("count", u32::try_from(left).unwrap_or(u32::MAX).into())])
    };
    say(desk, turn, list(head, &listed, title, rest)).await
}

/// The last letters of a key's secret, as `svs keys check` shows them.
fn tail_of(desk: &Desk, id: KeyId) -> Option<String> {
    desk.config().keys.iter().find(|key| key.id == id)?.secret.tail().map(str::to_owned)
}

fn line_of(
    texts: &Texts,
    language: Language,
    view: &KeyView,
    tail: Option<&str>,
    until: Option<String>,
) -> String {
    let condition = match view.condition {
        Condition::Ready => Key::KeyReady,
        Condition::Cooling => Key::KeyCooling,
        Condition::Exhausted => Key::KeyExhausted,
        Condition::Blacklisted => Key::KeyBlacklisted,
        Condition::Invalid => Key::KeyInvalid,
        Condition::Disabled => Key::KeyDisabled,
    };
    let mut condition = texts.get(language, condition);
    if let Some(until) = until {
        condition =
            texts.render(language, Key::KeyUntil, [("condition", word(condition)), ("in", word(until))]);
    }
    let spent = ModelSlot::TEXT.map(|slot| {
        let (spent, budget) = view.spent[slot];
        format!("{spent}/{budget}")
    });
    let name = tail.map_or_else(|| view.id.to_string(), |tail| format!("{} …{tail}", view.id));
    format!("{name} {condition} {}", spent.join(" · "))
}

/// The head and as many lines as fit into one message, each group below its title.
fn list(
    head: String,
    lines: &[(Option<Group>, String)],
    title: impl Fn(Option<Group>) -> String,
    rest: impl Fn(usize) -> String,
) -> String {
    let mut text = head;
    let mut last = None;
    for (shown, (group, line)) in lines.iter().enumerate() {
        let mut more = String::new();
        if last != Some(*group) {
            more.push_str("\n\n");
            more.push_str(&title(*group));
            last = Some(*group);
        }
        more.push('\n');
        more.push_str(line);
        if utf16_len(&text) + utf16_len(&more) + FOR_THE_REST > MAX_UNITS {
            text.push('\n');
            text.push_str(&rest(lines.len() - shown));
            return text;
        }
        text.push_str(&more);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_keys_fits_into_one_message_and_says_what_is_left() {
        let line =
            |n: u16| (Some(Group::A), format!("A{n} …x9Kd blacklisted, back in 58 min 0/300 · 0/75 · 0/15"));
        let lines: Vec<_> = (1..=300).map(line).collect();
        let text = list("head".to_owned(), &lines, |_| "Group A".to_owned(), |left| format!("{left} more"));
        assert!(utf16_len(&text) <= MAX_UNITS, "{}", utf16_len(&text));
        let shown = text.lines().filter(|line| line.starts_with('A')).count();
        assert!(shown > 60 && text.ends_with(&format!("{} more", 300 - shown)), "{text}");
        let short = list("head".to_owned(), &lines[..2], |_| "Group A".to_owned(), |_| unreachable!());
        assert_eq!(short.matches("Group A").count(), 1);
    }
}
