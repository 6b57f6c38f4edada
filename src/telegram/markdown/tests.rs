//! The whole way from Markdown to messages.

mod checker;
mod golden;
mod growing;
mod habits;
mod parts;
mod properties;
mod speed;

use super::Rendered;
use super::document::{Entity, Kind};
use super::render::render;

/// The text of a message with its entities marked in it: `<b>…</b>` and so on.
fn marked(rendered: &Rendered) -> String {
    let mut marks: Vec<(usize, bool, usize, String)> = Vec::new();
    for (order, entity) in rendered.entities.iter().enumerate() {
        let (open, close) = match &entity.kind {
            Kind::Bold => ("<b>".to_owned(), "</b>"),
            Kind::Italic => ("<i>".to_owned(), "</i>"),
            Kind::Underline => ("<u>".to_owned(), "</u>"),
            Kind::Strikethrough => ("<s>".to_owned(), "</s>"),
            Kind::Code => ("<c>".to_owned(), "</c>"),
            Kind::Pre { language: Some(language) } => (format!("<pre {language}>"), "</pre>"),
            Kind::Pre { language: None } => ("<pre>".to_owned(), "</pre>"),
            Kind::Link { url } => (format!("<a {url}>"), "</a>"),
            Kind::Quote => ("<q>".to_owned(), "</q>"),
        };
        marks.push((entity.offset, true, order, open));
        marks.push((entity.offset + entity.length, false, usize::MAX - order, close.to_owned()));
    }
    marks.sort_by_key(|mark| (mark.0, mark.1, mark.2));
    let mut marks = marks.into_iter().peekable();
    let mut out = String::new();
    let mut units = 0;
    for c in rendered.text.chars() {
        while let Some((_, _, _, mark)) = marks.next_if(|mark| mark.0 <= units) {
            out.push_str(&mark);
        }
        out.push(c);
        units += c.len_utf16();
    }
    out.extend(marks.map(|mark| mark.3));
    out
}

/// Fails unless Telegram would take the message as it is.
fn check_legal(message: &Rendered) {
    let entities: Vec<_> = message.entities.iter().map(Entity::to_value).collect();
    checker::check(&message.text, &entities);
}

/// A table of Markdown and what it becomes.
fn check(cases: &[(&str, &str)]) {
    for (markdown, expected) in cases {
        let rendered = render(markdown);
        check_legal(&rendered);
        assert_eq!(marked(&rendered), *expected, "{markdown:?}");
    }
}
