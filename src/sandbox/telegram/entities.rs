//! Texts as the real server takes them: cleaned, trimmed, measured in UTF-16 units, with entities checked.

use serde_json::{Value, json};

use super::state::ApiError;

/// A text with its entities, each a `MessageEntity` object.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Formatted {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

/// Length in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn span(entity: &Value) -> (usize, usize) {
    let number = |name: &str| entity[name].as_u64().unwrap_or(0) as usize;
    (number("offset"), number("offset") + number("length"))
}

/// Control characters become spaces, carriage returns vanish; offsets count what the client counted, so this comes
/// after the entities are placed only when nothing was removed.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(|c| if c < ' ' && c != '\n' { ' ' } else { c }).collect()
}

/// Nothing a person could see.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    })
}

/// The text a message would have, or why it is refused. An empty text comes back as empty.
pub(super) fn format(text: &str, mode: Option<&str>, entities: Option<Value>) -> Result<Formatted, ApiError> {
    let given = match (mode.unwrap_or("").to_ascii_lowercase().as_str(), entities) {
        ("", entities) => {
            let entities = match entities {
                None => Vec::new(),
                Some(Value::Array(entities)) => entities,
                Some(_) => {
                    return Err(ApiError::bad("can't parse entities: expected an array of MessageEntity"));
                }
            };
            Formatted { text: clean(text), entities }
        }
        ("html", _) => html(&clean(text))?,
        _ => return Err(ApiError::bad("unsupported parse_mode")),
    };
    if is_blank(&given.text) {
        return Ok(Formatted::default());
    }
    check(&given)?;
    Ok(trim(given))
}

/// What the server says against a text with these entities; nothing if it takes both as they are.
pub fn objection(text: &str, entities: &Value) -> Option<String> {
    match format(text, None, Some(entities.clone())) {
        Err(error) => Some(error.description),
        Ok(taken) if taken.text != text => Some(format!("the text becomes {:?}", taken.text)),
        Ok(taken) if Value::Array(taken.entities.clone()) != *entities => {
            Some(format!("the entities become {:?}", taken.entities))
        }
        Ok(_) => None,
    }
}

fn check(given: &Formatted) -> Result<(), ApiError> {
    let symbols: Vec<u16> = given.text.encode_utf16().collect();
    let middle = |at: usize| symbols.get(at).is_some_and(|unit| (0xdc00..0xe000).contains(unit));
    let mut spans = Vec::new();
    let mut bytes = 0;
    for entity in &given.entities {
        let kind = entity["type"].as_str().ok_or_else(|| ApiError::bad("can't parse entities: no type"))?;
        if entity["offset"].as_i64().is_none_or(|n| n < 0) || entity["length"].as_i64().is_none_or(|n| n < 0)
        {
            return Err(ApiError::bad(
                "can't parse entities: offset and length must be non-negative numbers",
            ));
        }
        let (from, until) = span(entity);
        if until > symbols.len() {
            return Err(ApiError::bad(&format!(
                "entity beginning at UTF-16 offset {from} ends after the end of the text at UTF-16 offset {until}"
            )));
        }
        if middle(from) || middle(until) {
            return Err(ApiError::bad(&format!(
                "entity beginning at UTF-16 offset {from} ends in a middle of a UTF-16 symbol"
            )));
        }
        if kind == "text_link" && entity["url"].as_str().is_none_or(str::is_empty) {
            return Err(ApiError::bad("can't parse entities: text_link without url"));
        }
        bytes +=
            16 + entity["url"].as_str().map_or(0, str::len) + entity["language"].as_str().map_or(0, str::len);
        if from < until {
            spans.push((from, until, kind));
        }
    }
    if bytes > 9_500 {
        return Err(ApiError::bad("ENTITIES_TOO_LONG"));
    }
    check_nesting(spans)
}

fn check_nesting(mut spans: Vec<(usize, usize, &str)>) -> Result<(), ApiError> {
    spans.sort_by_key(|(from, until, _)| (*from, usize::MAX - until));
    let mut open: Vec<(usize, usize, &str)> = Vec::new();
    for span in spans {
        open.retain(|outer| outer.1 > span.0);
        let quote = |kind: &str| kind.ends_with("blockquote");
        for outer in &open {
            let wrong = if outer.1 < span.1 {
                "overlap"
            } else if ["pre", "code"].contains(&outer.2)
                || (["pre", "code"].contains(&span.2) && !quote(outer.2))
            {
                "put code inside other formatting"
            } else if quote(outer.2) && quote(span.2) {
                "nest block quotations"
            } else {
                continue;
            };
            return Err(ApiError::bad(&format!(
                "can't parse entities: {} at {} and {} at {} {wrong}",
                outer.2, outer.0, span.2, span.0
            )));
        }
        open.push(span);
    }
    Ok(())
}

/// Leading and trailing white space goes; entities move with their text.
fn trim(given: Formatted) -> Formatted {
    let kept = given.text.trim_end();
    let first_entity = given.entities.iter().map(|entity| span(entity).0).min().unwrap_or(usize::MAX);
    let mut lead = 0;
    let mut rest = kept;
    while let Some(c) = rest.chars().next().filter(|c| c.is_whitespace()) {
        if lead + c.len_utf16() > first_entity {
            break;
        }
        lead += c.len_utf16();
        rest = &rest[c.len_utf8()..];
    }
    let end = units(rest);
    let mut entities = Vec::new();
    for mut entity in given.entities {
        let (from, until) = span(&entity);
        let (from, until) = (from.saturating_sub(lead).min(end), until.saturating_sub(lead).min(end));
        if from < until {
            entity["offset"] = json!(from);
            entity["length"] = json!(until - from);
            entities.push(entity);
        }
    }
    Formatted { text: rest.to_owned(), entities }
}

fn html(text: &str) -> Result<Formatted, ApiError> {
    let mut out = Formatted::default();
    let mut open: Vec<(String, Value)> = Vec::new();
    let mut rest = text;
    let bad = |why: String| Err(ApiError::bad(&format!("can't parse entities: {why}")));
    while let Some(at) = rest.find(['<', '&']) {
        out.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let place = text.len() - rest.len();
        if rest.starts_with('&') {
            let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
            let (len, c) = known
                .iter()
                .find(|(name, _)| rest.starts_with(name))
                .map_or((1, '&'), |(name, c)| (name.len(), *c));
            out.text.push(c);
            rest = &rest[len..];
            continue;
        }
        let Some(end) = rest.find('>') else {
            return bad("Unclosed start tag at byte offset ".to_owned() + &place.to_string());
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let Some((_, mut entity)) = open.pop().filter(|(open, _)| open == name.trim()) else {
                return bad(format!("Unmatched end tag at byte offset {place}"));
            };
            let from = entity["offset"].as_u64().unwrap_or(0) as usize;
            let length = units(&out.text) - from;
            if length > 0 {
                entity["length"] = json!(length);
                out.entities.push(entity);
            }
            continue;
        }
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let kind = match name {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "u" | "ins" => "underline",
            "s" | "strike" | "del" => "strikethrough",
            "tg-spoiler" => "spoiler",
            "a" => "text_link",
            "code" => "code",
            "pre" => "pre",
            "blockquote" if attributes.contains("expandable") => "expandable_blockquote",
            "blockquote" => "blockquote",
            _ => return bad(format!("Unsupported start tag \"{name}\" at byte offset {place}")),
        };
        let mut entity = json!({"type": kind, "offset": units(&out.text)});
        if let Some(url) = attributes.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            entity["url"] = json!(url.replace("&amp;", "&"));
        }
        open.push((name.to_owned(), entity));
    }
    out.text.push_str(rest);
    if let Some((name, _)) = open.pop() {
        return bad(format!("Can't find end tag corresponding to start tag {name}"));
    }
    out.entities.sort_by_key(|entity| (span(entity).0, usize::MAX - span(entity).1));
    Ok(out)
}

/// The entities a client finds by itself in what a person types: commands, mentions, hashtags, links.
pub(super) fn detect(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || ",.!?;:，。！？；：)".contains(c));
        let name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let kind = if let Some(command) = bare.strip_prefix('/') {
            let (command, bot) = command.split_once('@').unwrap_or((command, "bot"));
            (name(command) && name(bot) && command.len() <= 64).then_some("bot_command")
        } else if let Some(mention) = bare.strip_prefix('@') {
            (name(mention) && (4..=32).contains(&mention.len())).then_some("mention")
        } else if let Some(tag) = bare.strip_prefix('#') {
            (!tag.is_empty() && tag.chars().all(char::is_alphanumeric)).then_some("hashtag")
        } else {
            (bare.starts_with("https://") || bare.starts_with("http://")).then_some("url")
        };
        if let Some(kind) = kind {
            found.push(json!({"type": kind, "offset": offset, "length": units(bare)}));
        }
        offset += units(word);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{detect, format};

    fn entity(kind: &str, offset: i64, length: i64) -> Value {
        json!({"type": kind, "offset": offset, "length": length})
    }

    #[test]
    fn entities_that_the_real_server_refuses_or_mends_are_refused() {
        let table = [
            (vec![entity("bold", 0, 5)], None),
            (vec![entity("bold", 0, 6)], Some("ends after the end of the text")),
            (vec![entity("bold", 0, 4)], Some("middle of a UTF-16 symbol")),
            (vec![entity("bold", 0, 2), entity("italic", 1, 2)], Some("overlap")),
            (vec![entity("bold", 0, 3), entity("italic", 1, 2)], None),
            (vec![entity("bold", 0, 3), entity("code", 1, 1)], Some("code inside")),
            (vec![entity("pre", 0, 3), entity("bold", 1, 1)], Some("code inside")),
            (vec![entity("blockquote", 0, 3), entity("code", 1, 1)], None),
            (vec![entity("blockquote", 0, 3), entity("blockquote", 1, 1)], Some("block quotations")),
            (vec![entity("text_link", 0, 3)], Some("without url")),
            (vec![entity("bold", -1, 3)], Some("non-negative")),
        ];
        for (entities, refusal) in table {
            let got = format("abc😀", None, Some(Value::Array(entities.clone())));
            match (got, refusal) {
                (Ok(_), None) => {}
                (Err(error), Some(says)) => {
                    assert!(error.description.contains(says), "{}", error.description);
                }
                (got, _) => panic!("{entities:?}: {got:?}"),
            }
        }
    }

    #[test]
    fn blank_text_is_empty_and_white_space_is_trimmed_with_the_entities() {
        for blank in ["", "  \n", "\u{200b}\u{200b}", "\r\n"] {
            assert_eq!(format(blank, None, None).unwrap().text, "");
        }
        let got = format("  ab  ", None, Some(json!([entity("bold", 2, 4)]))).unwrap();
        assert_eq!((got.text.as_str(), got.entities), ("ab", vec![entity("bold", 0, 2)]));
    }

    #[test]
    fn html_becomes_entities() {
        let got = format("<b>你<i>a</i></b> &lt;<a href=\"https://x.y\">z</a>", Some("HTML"), None).unwrap();
        assert_eq!(got.text, "你a <z");
        let kinds: Vec<_> =
            got.entities.iter().map(|e| (e["type"].as_str().unwrap(), super::span(e))).collect();
        assert_eq!(kinds, [("bold", (0, 2)), ("italic", (1, 2)), ("text_link", (4, 5))]);
        for (bad, says) in [("<b>x", "end tag"), ("<x>", "Unsupported"), ("</b>", "Unmatched")] {
            assert!(format(bad, Some("HTML"), None).unwrap_err().description.contains(says), "{bad}");
        }
    }

    #[test]
    fn typed_text_gets_the_entities_a_client_finds() {
        let found = detect("😀 /ask@svs_bot hi @svs_bot, see https://a.b");
        let kinds: Vec<_> = found.iter().map(|e| (e["type"].as_str().unwrap(), super::span(e))).collect();
        assert_eq!(kinds, [("bot_command", (3, 15)), ("mention", (19, 27)), ("url", (33, 44))]);
        assert_eq!(detect("1/2 a@b /"), Vec::<Value>::new());
    }
}
