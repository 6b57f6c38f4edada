//! What the parser found, as a document: headings bold, lists with bullets, code in blocks, tables aligned.

use pulldown_cmark::{
    Alignment, BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
};

use super::document::{Document, Kind};
use super::file::Shelf;
use super::source::Source;
use super::table::{Side, Table};
use super::writer::Writer;

/// Spaces of one level of a list; four are about as wide as a Chinese character.
const LEVEL: usize = 4;
/// Spaces before the further lines of an item.
const HANGING: usize = 2;
/// Telegram ignores longer addresses.
const MAX_URL: usize = 2048;
const RULE: &str = "———";

/// The document of a text. Code that is too long goes to the shelf, and its file is named in its place.
pub(super) fn lay_out(source: &Source, shelf: Option<&mut Shelf>) -> Document {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut resolve = |link: BrokenLink<'_>| {
        let url = source.definition(&link.reference)?;
        Some((CowStr::from(url.to_owned()), CowStr::from("")))
    };
    let parser = Parser::new_with_broken_link_callback(&source.text, options, Some(&mut resolve));
    let mut layout = Layout::new(source, shelf);
    for (event, range) in parser.into_offset_iter() {
        layout.event(event, range.start);
    }
    layout.writer.finish()
}

struct Layout<'s> {
    source: &'s Source,
    shelf: Option<&'s mut Shelf>,
    writer: Writer,
    /// The numbers of the lists that are open; none for those with bullets.
    lists: Vec<Option<u64>>,
    quotes: usize,
    /// The info and the text of the block of code that is open.
    code: Option<(String, String)>,
    table: Option<(Table, Writer)>,
    links: Vec<Link>,
    /// Where the last block began, and whether the line above it is blank.
    parted: (usize, bool),
}

struct Link {
    url: String,
    /// Shown as its own address, or as its label in brackets.
    is_automatic: bool,
    is_label: bool,
}

impl<'s> Layout<'s> {
    fn new(source: &'s Source, shelf: Option<&'s mut Shelf>) -> Self {
        Self {
            source,
            shelf,
            writer: Writer::default(),
            lists: Vec::new(),
            quotes: 0,
            code: None,
            table: None,
            links: Vec::new(),
            parted: (0, false),
        }
    }

    /// Where text goes: the cell of a table, or the document.
    fn out(&mut self) -> &mut Writer {
        self.table.as_mut().map_or(&mut self.writer, |(_, cell)| cell)
    }

    fn event(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag),
            Event::Code(code) => {
                let code = self.source.written(&code);
                self.out().special(&code, Kind::Code);
            }
            Event::SoftBreak | Event::HardBreak => self.line_break(at),
            Event::Rule => {
                self.part(at);
                self.writer.text(RULE);
            }
            Event::TaskListMarker(is_done) => self.writer.mark_bullet(if is_done { "☑ " } else { "☐ " }),
            // HTML is never interpreted; the source lets none through as such. The others are not asked for.
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.text(&text),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return;
        }
        let text = self.source.shown(text);
        if self.table.is_some() {
            // The only way to break a line within a cell.
            let text = text.replace("<br>", "\n");
            return self.out().text(&text);
        }
        self.writer.text(&text);
    }

    fn indent(&self) -> usize {
        if self.lists.is_empty() { 0 } else { (self.lists.len() - 1) * LEVEL + HANGING }
    }

    /// A line break of the source stays one: this is a chat.
    fn line_break(&mut self, at: usize) {
        let next = self.source.text[at..].split_once('\n').map_or("", |(_, next)| next);
        // Text that is not indented does not belong to the item above, whatever the specification says.
        let indent = if next.starts_with([' ', '\t', '>']) { self.indent() } else { 0 };
        match &mut self.table {
            Some((_, cell)) => cell.text(" "),
            None => self.writer.part(1, indent),
        }
    }

    /// A block begins: on a line of its own, after a blank one if the source has one.
    fn part(&mut self, at: usize) {
        let text = self.source.text.as_str();
        // Blocks within blocks begin on the same line.
        let (before, _) = self.parted;
        if at < before || before == 0 || text[before..at].contains('\n') {
            let above = &text[..text[..at].rfind('\n').unwrap_or(0)];
            let line = above.rsplit('\n').next().unwrap_or("");
            self.parted.1 = line.trim_matches([' ', '\t', '>']).is_empty();
        }
        self.parted.0 = at;
        let indent = self.indent();
        self.writer.part(if self.parted.1 { 2 } else { 1 }, indent);
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.part(at),
            Tag::Heading { level, .. } => {
                let indent = self.indent();
                self.writer.part(2, indent);
                self.writer.begin(Kind::Bold);
                match level {
                    HeadingLevel::H1 => self.writer.begin(Kind::Underline),
                    HeadingLevel::H2 => {}
                    _ => self.writer.begin(Kind::Italic),
                }
            }
            Tag::BlockQuote(_) => {
                self.part(at);
                self.quotes += 1;
                if self.quotes == 1 {
                    self.writer.begin(Kind::Quote);
                }
            }
            Tag::CodeBlock(kind) => {
                self.part(at);
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => self.source.written(info).trim().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((info, String::new()));
            }
            Tag::List(first) => {
                self.part(at);
                self.lists.push(first);
            }
            Tag::Item => self.item(at),
            Tag::Table(alignments) => {
                self.part(at);
                let sides = alignments.into_iter().map(side).collect();
                self.table = Some((Table { sides, rows: Vec::new() }, Writer::default()));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some((table, _)) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::Emphasis => self.out().begin(Kind::Italic),
            Tag::Strong => self.out().begin(Kind::Bold),
            Tag::Strikethrough => self.out().begin(Kind::Strikethrough),
            Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. } => {
                self.link(link_type, &dest_url);
            }
            _ => {}
        }
    }

    fn item(&mut self, at: usize) {
        self.part(at);
        let depth = self.lists.len().max(1);
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => ["• ", "◦ ", "▪ "][(depth - 1).min(2)].to_owned(),
        };
        self.writer.bullet((depth - 1) * LEVEL, bullet);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                if level != HeadingLevel::H2 {
                    self.writer.end();
                }
                self.writer.end();
                self.writer.glue();
            }
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                if self.quotes == 0 {
                    self.writer.end();
                }
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => self.writer.settle_bullet(),
            TagEnd::TableCell => {
                if let Some((table, cell)) = &mut self.table
                    && let Some(row) = table.rows.last_mut()
                {
                    row.push(std::mem::take(cell).finish());
                }
            }
            TagEnd::Table => {
                if let Some((table, _)) = self.table.take() {
                    self.writer.settle_bullet();
                    table.write(&mut self.writer);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.out().end();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn end_code(&mut self) {
        let Some((info, text)) = self.code.take() else { return };
        let text = self.source.written(&text);
        self.writer.settle_bullet();
        self.writer.part(1, 0);
        if let Some(name) = self.shelf.as_mut().and_then(|shelf| shelf.take(&info, &text)) {
            self.writer.text("📎 ");
            self.writer.special(name, Kind::Bold);
            return;
        }
        let language = language_of(&info);
        self.writer.special(text.trim_end().trim_start_matches('\n'), Kind::Pre { language });
    }

    fn link(&mut self, link_type: LinkType, url: &str) {
        let url = self.source.written(url).replace(' ', "%20");
        let is_automatic = matches!(link_type, LinkType::Autolink | LinkType::Email);
        let is_label = matches!(link_type, LinkType::Shortcut | LinkType::ShortcutUnknown);
        if is_label {
            self.out().text("[");
        }
        self.out().begin(Kind::Link { url: url.clone() });
        self.links.push(Link { url, is_automatic, is_label });
    }

    fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let out = self.out();
        if link.is_automatic {
            // Clients find it by themselves.
            out.abandon();
        } else if may_lead_to(&link.url) {
            if out.end().trim().is_empty() {
                out.text(&link.url);
            }
        } else if out.abandon() != link.url && !link.url.is_empty() {
            out.text(&format!(" ({})", link.url));
        }
        if link.is_label {
            out.text("]");
        }
    }
}

const fn side(alignment: Alignment) -> Side {
    match alignment {
        Alignment::None | Alignment::Left => Side::Left,
        Alignment::Center => Side::Middle,
        Alignment::Right => Side::Right,
    }
}

/// What Telegram calls the language: the first word behind the fence, without what some put behind a colon.
fn language_of(info: &str) -> Option<String> {
    let word = info.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '{')).next().unwrap_or("");
    let is_name = word.len() <= 32 && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-#._".contains(c));
    (is_name && !word.is_empty()).then(|| word.to_ascii_lowercase())
}

/// Only the web and Telegram itself.
fn may_lead_to(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let is_known = ["http", "https", "tg"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    is_known
        && !host.is_empty()
        && url.len() <= MAX_URL
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}
