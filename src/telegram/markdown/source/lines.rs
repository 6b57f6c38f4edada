//! How lines begin: quotations, lists, headings, tables.

/// What a line begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Opening {
    /// Where its content begins, in bytes: after indentation, quotation marks and bullets.
    pub(super) content: usize,
    /// It begins a block: nothing goes on from the line before.
    pub(super) is_block: bool,
    /// The block ends with it.
    pub(super) is_line: bool,
    /// It is a row of a table with a leading bar.
    pub(super) is_row: bool,
}

/// Bullets that people type and the specification does not know.
const BULLETS: [char; 7] = ['•', '◦', '▪', '●', '○', '‣', '·'];

/// Reads the beginning of a line.
pub(super) fn opening(line: &str) -> Opening {
    let mut opening = Opening::default();
    loop {
        let rest = &line[opening.content..];
        let bare = rest.trim_start_matches([' ', '\t']);
        let at = opening.content + rest.len() - bare.len();
        let marker = if bare.starts_with('>') { 1 } else { marker(bare) };
        opening.content = at;
        if marker == 0 {
            break;
        }
        opening.content += marker;
        opening.is_block = true;
    }
    let content = &line[opening.content..];
    if content.starts_with('|') {
        (opening.is_block, opening.is_line, opening.is_row) = (true, true, true);
    } else if heading(content) > 0 || is_rule(line) {
        (opening.is_block, opening.is_line) = (true, true);
    }
    opening
}

/// The bytes of the bullet or number that a text begins with, the space after it not counted.
fn marker(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let len = if matches!(first, '-' | '*' | '+') || BULLETS.contains(&first) {
        first.len_utf8()
    } else {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 9 || !text[digits..].starts_with(['.', ')']) {
            return 0;
        }
        digits + 1
    };
    if text[len..].starts_with([' ', '\t']) { len } else { 0 }
}

/// The level of a heading; also of one without the space after its marks, if it has at least two.
fn heading(text: &str) -> usize {
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    let after = text[level..].chars().next();
    match level {
        1..=6 if after.is_none_or(|c| c == ' ' || c == '\t') => level,
        2..=6 => level,
        _ => 0,
    }
}

/// Whether a line is a rule, or would underline a heading.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let mark = line.as_bytes().first().copied().unwrap_or(0);
    matches!(mark, b'-' | b'*' | b'_')
        && line.len() >= if mark == b'-' { 2 } else { 3 }
        && line.bytes().all(|byte| byte == mark)
}

/// Whether a line is what stands between the head and the body of a table.
pub(super) fn is_delimiter_row(line: Option<&str>) -> bool {
    let Some(line) = line else { return false };
    line.contains('-') && line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t' | b'>'))
}

/// Label and address of a line like `[label]: https://example.org`.
pub(super) fn definition(content: &str) -> Option<(String, String)> {
    let (label, rest) = content.strip_prefix('[')?.split_once("]:")?;
    let url = rest.split_whitespace().next()?.trim_start_matches('<').trim_end_matches('>');
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    (is_web && !label.starts_with('^')).then(|| (label.to_owned(), url.to_owned()))
}

/// Writes the beginning of a line with the bullets that the parser knows.
pub(super) fn push_bullets(out: &mut String, prefix: &str) {
    out.extend(prefix.chars().map(|c| if BULLETS.contains(&c) { '-' } else { c }));
}

/// Writes the marks of a heading that lacks the space after them; says how many bytes of the content that were.
pub(super) fn push_heading(out: &mut String, content: &str) -> usize {
    let level = heading(content);
    let rest = &content[level..];
    if level == 0 || rest.is_empty() || rest.starts_with([' ', '\t']) {
        return 0;
    }
    out.push_str(&content[..level]);
    out.push(' ');
    level
}
