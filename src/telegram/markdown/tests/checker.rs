//! Telegram's rules for a message, written down from its documentation and not from the code that keeps them.

use serde_json::Value;

/// Fails unless Telegram would take the message as it is.
pub(crate) fn check(text: &str, entities: &[Value]) {
    let units: Vec<u16> = text.encode_utf16().collect();
    assert!(units.len() <= 4096, "{} units", units.len());
    let is_odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    assert!(!text.contains(is_odd), "a control character in {text:?}");
    assert_eq!(text.trim_end(), text, "white space at the end is trimmed");
    assert!(entities.len() <= 100, "{} entities", entities.len());
    let first = entities.first().map_or(usize::MAX, |entity| number(entity, "offset"));
    let lead = text.len() - text.trim_start().len();
    assert!(lead == 0 || first == 0, "white space at the beginning is trimmed: {text:?}");
    let mut weight = 0;
    for entity in entities {
        let (start, end) = span(entity);
        assert!(start < end, "an empty entity: {entity}");
        assert!(end <= units.len(), "an entity behind the end: {entity}");
        for at in [start, end] {
            assert!(
                units.get(at).is_none_or(|unit| !(0xDC00..0xE000).contains(unit)),
                "inside a symbol: {entity}"
            );
        }
        let text = String::from_utf16(&units[start..end]).expect("whole symbols");
        let is_block = matches!(kind(entity), "pre" | "blockquote");
        let is_trimmed = text.trim_end() == text && (is_block || text.trim_start() == text);
        assert!(is_trimmed, "white space at an end of {entity}: {text:?}");
        weight += 16;
        weight +=
            ["url", "language"].iter().map(|key| entity[*key].as_str().map_or(0, str::len)).sum::<usize>();
        if kind(entity) == "text_link" {
            let url = entity["url"].as_str().expect("a url");
            assert!(["http://", "https://", "tg://"].iter().any(|scheme| {
                url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            }));
        }
    }
    assert!(weight <= 9500, "entities of {weight} bytes");
    for (index, one) in entities.iter().enumerate() {
        for other in &entities[index + 1..] {
            check_pair(one, other);
        }
    }
}

fn check_pair(one: &Value, other: &Value) {
    let ((a, b), (c, d)) = (span(one), span(other));
    assert!((a, usize::MAX - b) <= (c, usize::MAX - d), "not in order: {one} {other}");
    if b <= c || d <= a {
        return;
    }
    assert!((a <= c && d <= b) || (c <= a && b <= d), "overlap: {one} {other}");
    assert_ne!(kind(one), kind(other), "within itself: {one} {other}");
    for (code, around) in [(one, other), (other, one)] {
        assert!(!is_code(code) || kind(around) == "blockquote", "code with {around}");
    }
    assert!(!is_code(one), "{other} inside code or around it in the wrong order");
}

fn is_code(entity: &Value) -> bool {
    matches!(kind(entity), "pre" | "code")
}

fn kind(entity: &Value) -> &str {
    entity["type"].as_str().expect("a type")
}

fn number(entity: &Value, key: &str) -> usize {
    usize::try_from(entity[key].as_u64().expect("a number")).expect("small")
}

fn span(entity: &Value) -> (usize, usize) {
    (number(entity, "offset"), number(entity, "offset") + number(entity, "length"))
}
