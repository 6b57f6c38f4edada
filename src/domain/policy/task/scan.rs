//! One pass over the text: which meanings occur where. Words are looked up with their common endings cut off,
//! Chinese by the longest entry that starts at a character.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::{Concept, LEXICON};

/// A meaning found at a byte position of the text.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    pub(super) at: usize,
    pub(super) concept: Concept,
    /// Identity of the entry, so that a word said five times counts once where that matters.
    pub(super) entry: u16,
}

/// What the pass found.
pub(super) struct Scan {
    pub(super) hits: Vec<Hit>,
    /// Words of scripts that put spaces between words, and numbers.
    pub(super) words: usize,
    /// Characters of Chinese, Japanese and Korean.
    pub(super) ideographs: usize,
    /// Numbers written in digits: byte positions.
    pub(super) numbers: Vec<usize>,
    /// Words such as `typeerror` or `nullpointerexception`.
    pub(super) error_names: usize,
}

struct Entry {
    concept: Concept,
    id: u16,
    /// The words of a phrase after its first, the characters of a Chinese entry after its first.
    rest: Vec<&'static str>,
    tail: &'static str,
}

struct Index {
    words: HashMap<&'static str, Vec<Entry>>,
    characters: HashMap<char, Vec<Entry>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { words: HashMap::new(), characters: HashMap::new() };
    let mut id = 0;
    for &(concept, words, characters) in LEXICON {
        for phrase in words.split_whitespace() {
            id += 1;
            let mut parts = phrase.split('_');
            let first = parts.next().unwrap_or_default();
            let entry = Entry { concept, id, rest: parts.collect(), tail: "" };
            index.words.entry(first).or_default().push(entry);
        }
        for phrase in characters.split_whitespace() {
            let Some(first) = phrase.chars().next() else { continue };
            id += 1;
            if is_ideograph(first) {
                let entry = Entry { concept, id, rest: Vec::new(), tail: &phrase[first.len_utf8()..] };
                index.characters.entry(first).or_default().push(entry);
            } else {
                let entry = Entry { concept, id, rest: Vec::new(), tail: "" };
                index.words.entry(phrase).or_default().push(entry);
            }
        }
    }
    for entries in index.characters.values_mut() {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.tail.len()));
    }
    index
});

/// Chinese, Japanese, Korean: scripts without reliable word borders.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Chinese numerals from two on; 一 is mostly an article.
fn counts(c: char) -> bool {
    matches!(c, '二' | '两' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千')
}

/// Measure words after which a numeral is a quantity.
fn measures(c: char) -> bool {
    "个只本人位名间天元顶块种把盏颗岁升米斤次倍双辆台".contains(c)
}

/// Finds every meaning in `body` (see [`super::text::Text`]).
pub(super) fn scan(body: &str) -> Scan {
    let index = &*INDEX;
    let mut scan =
        Scan { hits: Vec::with_capacity(32), words: 0, ideographs: 0, numbers: Vec::new(), error_names: 0 };
    let mut words: Vec<(usize, usize)> = Vec::with_capacity(64);
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        if is_ideograph(c) {
            let end = at + c.len_utf8();
            scan.ideographs += 1;
            if counts(c) && body[end..].chars().next().is_some_and(measures) {
                scan.numbers.push(at);
            }
            let mut next = end;
            if let Some(entries) = index.characters.get(&c) {
                let rest = &body[end..];
                let longest = entries.iter().find(|entry| rest.starts_with(entry.tail));
                if let Some(found) = longest {
                    next = end + found.tail.len();
                    scan.ideographs += found.tail.chars().count();
                    // Shorter entries at the same place count too: 解释一下 is also 解释.
                    let all = entries.iter().filter(|entry| rest.starts_with(entry.tail));
                    scan.hits.extend(all.map(|entry| Hit { at, concept: entry.concept, entry: entry.id }));
                }
            }
            at = next;
        } else if c.is_alphanumeric() {
            let end = word_end(body, at);
            if c.is_ascii_digit() {
                scan.numbers.push(at);
            }
            words.push((at, end));
            at = end;
        } else {
            at += c.len_utf8();
        }
    }
    scan.words = words.len();
    for (place, &(start, end)) in words.iter().enumerate() {
        let word = &body[start..end];
        if word.len() > 7 && (word.ends_with("error") || word.ends_with("exception")) {
            scan.error_names += 1;
        }
        look_up(index, body, &words[place + 1..], start, word, &mut scan.hits);
    }
    scan.hits.sort_by_key(|hit| hit.at);
    scan
}

/// A word runs over letters, digits, inner apostrophes, hyphens and dots, and may end in `++` or `#`.
fn word_end(body: &str, start: usize) -> usize {
    let bytes = body.as_bytes();
    let mut end = start;
    for (offset, c) in body[start..].char_indices() {
        let here = start + offset;
        let inner = matches!(c, '\'' | '-' | '.')
            && bytes.get(here + 1).is_some_and(u8::is_ascii_alphanumeric)
            && body[start..here].is_ascii()
            // A full stop inside a word belongs to names like `node.js`, not to prose without a space.
            && (c != '.' || here - start <= 6);
        if !(c.is_alphanumeric() && !is_ideograph(c) || inner) {
            break;
        }
        end = here + c.len_utf8();
    }
    let suffix = &body[end..];
    if suffix.starts_with("++") {
        end += 2;
    } else if suffix.starts_with('#') {
        end += 1;
    }
    end
}

fn look_up(
    index: &Index,
    body: &str,
    following: &[(usize, usize)],
    at: usize,
    word: &str,
    hits: &mut Vec<Hit>,
) {
    let before = hits.len();
    let mut try_form = |form: &str| {
        let Some(entries) = index.words.get(form) else { return false };
        for entry in entries {
            let matches = entry.rest.len() <= following.len()
                && entry.rest.iter().zip(following).all(|(want, &(start, end))| {
                    let have = &body[start..end];
                    have == *want || have.strip_suffix('s') == Some(want)
                });
            if matches {
                hits.push(Hit { at, concept: entry.concept, entry: entry.id });
            }
        }
        hits.len() > before
    };
    if try_form(word) || !word.is_ascii() || word.len() < 4 {
        return;
    }
    let stem = |suffix: &str| word.strip_suffix(suffix).filter(|stem| stem.len() >= 3);
    let mut buffer = String::new();
    for (suffix, ending) in
        [("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"), ("'s", "")]
    {
        if let Some(stem) = stem(suffix) {
            let found = if ending.is_empty() {
                try_form(stem)
            } else {
                buffer.clear();
                buffer.push_str(stem);
                buffer.push_str(ending);
                try_form(&buffer)
            };
            if found {
                return;
            }
        }
    }
}
