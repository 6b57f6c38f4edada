//! The end of a text that is still being written: what cannot be understood yet waits.

use std::borrow::Cow;

use super::fences::{Fences, Line};
use super::lines;

/// The text without what may become markup with the next characters.
pub(super) fn settle(text: &str) -> Cow<'_, str> {
    let mut text = text.trim_end();
    let mut fences = Fences::default();
    let mut last = Line::Text;
    for line in text.split('\n') {
        last = fences.read(line);
    }
    if fences.is_open() {
        // Half of a closing fence.
        let start = line_start(text);
        let line = text[start..].trim_matches([' ', '>']);
        let is_half = matches!(last, Line::Code(_))
            && !line.is_empty()
            && line.bytes().all(|byte| byte == b'`' || byte == b'~');
        return Cow::Borrowed(if is_half { text[..start].trim_end() } else { text });
    }
    if matches!(last, Line::Fence { .. }) {
        return Cow::Borrowed(text);
    }
    if is_only_markup(&text[line_start(text)..]) {
        text = text[..line_start(text)].trim_end();
    }
    text = without_lone_head(text);
    let start = line_start(text);
    let line = text[start..].trim_end_matches(['*', '~', '`', '_', '$', '\\']);
    let line = line.strip_suffix("![").or_else(|| line.strip_suffix('[')).unwrap_or(line);
    text = text[..start + line.len()].trim_end();
    without_half_link(text)
}

fn line_start(text: &str) -> usize {
    text.rfind('\n').map_or(0, |at| at + 1)
}

/// `-`, `##`, `1.`, `|--`: nothing of it would be seen.
fn is_only_markup(line: &str) -> bool {
    let line = line.trim_matches([' ', '\t', '>']);
    let number = line.trim_end_matches(['.', ')']);
    let task = line.trim_start_matches(['-', '*', '+', ' ']);
    if line.len() > task.len() && ["[", "[x", "[X", "[ ]", "[x]", "[X]"].contains(&task) {
        return true;
    }
    line.chars().all(|c| "-*+#=:|~`_• ".contains(c))
        || (number.len() < line.len()
            && number.len() <= 3
            && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The head of a table waits for its first row.
fn without_lone_head(text: &str) -> &str {
    let start = line_start(text);
    let before = text[..start].trim_end_matches('\n');
    let is_row = |line: &str| lines::opening(line).is_row;
    if is_row(&text[start..]) && (before.len() + 1 < start || !is_row(&before[line_start(before)..])) {
        return before.trim_end();
    }
    text
}

/// `[text](https://exa` is its text so far.
fn without_half_link(text: &str) -> Cow<'_, str> {
    let start = line_start(text);
    let line = &text[start..];
    let Some(open) = line.rfind('[') else { return Cow::Borrowed(text) };
    let is_in_code = line[..open].bytes().filter(|byte| *byte == b'`').count() % 2 == 1;
    let content = &line[open + 1..];
    let label = match content.split_once("](") {
        Some((label, address)) if !address.contains(')') => label,
        None => match content.strip_suffix(']').unwrap_or(content) {
            label if may_be_label(label) => label,
            _ => return Cow::Borrowed(text),
        },
        _ => return Cow::Borrowed(text),
    };
    if is_in_code {
        return Cow::Borrowed(text);
    }
    let before = &text[..start + open];
    let before = before.strip_suffix('!').unwrap_or(before);
    Cow::Owned(format!("{before}{label}"))
}

/// Whether it may become the text of a link, and is no `[1]`, `[x]` or `[^note]`.
fn may_be_label(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    text.len() > 1 && !text.contains(']') && !first.is_ascii_digit() && !first.is_whitespace() && first != '^'
}
