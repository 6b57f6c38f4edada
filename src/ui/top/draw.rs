//! How the screen looks: its parts from top to bottom, and what lies over them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Clear, Paragraph, Widget as _, Wrap};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::app::{App, Overlay};
use super::view::{Place, Seat};
use super::{keys, room, summary};
use crate::ui::style::Paint;

/// What the keys do, for the help.
const HELP: &str = "\
q Ctrl-C  quit
Ctrl-Z    to the background
↑↓ PgUp…  move
Tab       keys or VIP room
s  r      sort, reverse
/         filter by words, as in
          A5 limited, @ming
Esc       clear the filter
k         kick who is chosen in the
          VIP room, after a question
space     ask the daemon now
?         this help

The same numbers for programs:
svs status -o json";

/// What the keys do, in a line; the most important first.
const KEYS: [&str; 7] = ["q quit", "? help", "k kick", "/ filter", "s sort", "r reverse", "Tab keys/VIP"];

/// Writes into a part of the screen, and never beyond it.
pub(super) struct Pen<'a> {
    pub(super) area: Rect,
    buffer: &'a mut Buffer,
    colored: bool,
    /// What is shown is of the past.
    faded: bool,
}

impl Pen<'_> {
    /// Writes `text` from column `x` of line `y`, in at most `width` columns, and says where it ended.
    pub(super) fn put(&mut self, x: u16, y: u16, width: u16, text: &str, paint: Paint) -> u16 {
        let width = width.min(self.area.width.saturating_sub(x));
        if width == 0 || y >= self.area.height {
            return x;
        }
        let style = self.style(paint);
        let text = cut(text, usize::from(width));
        let at = (self.area.x + x, self.area.y + y);
        let (end, _) = self.buffer.set_stringn(at.0, at.1, &text, usize::from(width), style);
        end - self.area.x
    }

    /// The same, with the end of the text at column `end`.
    pub(super) fn put_right(&mut self, end: u16, y: u16, width: u16, text: &str, paint: Paint) {
        let text = cut(text, usize::from(width));
        let used = columns(&text).min(width);
        self.put(end.saturating_sub(used), y, used, &text, paint);
    }

    /// A line across with a title in it, and something at its right end if there is room.
    pub(super) fn rule(&mut self, y: u16, chosen: bool, title: &str, right: &str) {
        let width = self.area.width;
        self.put(0, y, width, &"─".repeat(usize::from(width)), Paint::Faint);
        let end = self.put(0, y, 2, if chosen { "▸ " } else { "─ " }, Paint::Strong);
        let end = self.put(end, y, width.saturating_sub(2), title, Paint::Strong);
        let end = self.put(end, y, 1, " ", Paint::Plain);
        if !right.is_empty() && end + columns(right) + 3 <= width {
            self.put_right(width.saturating_sub(1), y, width, &format!(" {right} "), Paint::Plain);
        }
    }

    /// A pen for `height` lines from line `y` on.
    fn part(&mut self, y: u16, height: u16) -> Pen<'_> {
        let area = Rect {
            y: self.area.y + y.min(self.area.height),
            height: height.min(self.area.height.saturating_sub(y)),
            ..self.area
        };
        Pen { area, buffer: self.buffer, colored: self.colored, faded: self.faded }
    }

    /// Nothing is told by this alone.
    fn style(&self, paint: Paint) -> Style {
        let plain = Style::new();
        match paint {
            _ if !self.colored => plain,
            _ if self.faded => plain.add_modifier(Modifier::DIM),
            Paint::Plain => plain,
            Paint::Good => plain.fg(Color::Green),
            Paint::Warning => plain.fg(Color::Yellow),
            Paint::Bad => plain.fg(Color::Red),
            Paint::Strong => plain.add_modifier(Modifier::BOLD),
            Paint::Faint => plain.add_modifier(Modifier::DIM),
        }
    }
}

/// Draws the whole screen.
pub(super) fn draw(app: &App, colored: bool, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen { area, buffer, colored, faded: false };
    let height = area.height;
    let footer = height.min(2);
    // The first line and the last two are of now, whatever is between them.
    let y = summary::title(app, &mut pen);
    pen.faded = app.lost.is_some();
    let y = y + summary::body(app, &mut pen.part(y, height.saturating_sub(y + footer)));
    let rest = height.saturating_sub(y + footer);
    let share = Share::of(rest, keys::height(app), room::height(app), summary::failures_height(app));
    keys::draw(app, &mut pen.part(y, share.keys));
    room::draw(app, &mut pen.part(y + share.keys, share.room));
    summary::failures(app, &mut pen.part(y + share.keys + share.room, share.failures));
    pen.faded = false;
    below(app, &mut pen.part(height - footer, footer));
    match &app.overlay {
        Overlay::None | Overlay::Filter => {}
        Overlay::Help => lay_over("help", HELP, area, buffer),
        Overlay::Kick(seat) => lay_over("kick", &question(seat), area, buffer),
    }
}

/// How the lines are shared out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Share {
    keys: u16,
    room: u16,
    failures: u16,
}

impl Share {
    /// The keys get what the others leave: the room up to a quarter, the failures up to a sixth, more where nobody
    /// needs it.
    fn of(rest: u16, keys: u16, room: u16, failures: u16) -> Share {
        let room_first = room.min((rest / 4).max(2)).min(rest);
        let failures_first = failures.min((rest / 6).max(2)).min(rest - room_first);
        let keys = keys.min(rest - room_first - failures_first);
        let left = rest - room_first - failures_first - keys;
        let room = room.min(room_first + left);
        let left = left - (room - room_first);
        Share { keys, room, failures: failures.min(failures_first + left) }
    }
}

/// The last two lines: what was done or is chosen, and what the keys do.
fn below(app: &App, pen: &mut Pen<'_>) {
    let width = pen.area.width;
    match &app.said {
        Some(said) => {
            let (mark, paint) = if said.failed { ("! ", Paint::Bad) } else { ("", Paint::Good) };
            pen.put(0, 0, width, &format!("{mark}{}", said.text), paint);
        }
        None => drop(pen.put(0, 0, width, &keys::chosen(app), Paint::Plain)),
    }
    if app.overlay == Overlay::Filter {
        let end = pen.put(0, 1, width, "filter: ", Paint::Strong);
        let end = pen.put(end, 1, width, &app.filter, Paint::Plain);
        let end = pen.put(end, 1, width, "▏", Paint::Plain);
        pen.put(end, 1, width, "  Enter keep  Esc clear", Paint::Faint);
        return;
    }
    let mut x = 0;
    for text in KEYS {
        if x + columns(text) > width {
            break;
        }
        let (key, what) = text.split_once(' ').unwrap_or((text, ""));
        x = pen.put(x, 1, width, key, Paint::Strong);
        x = pen.put(x, 1, width, &format!(" {what}"), Paint::Plain) + 2;
    }
}

/// What must be answered with y before somebody is kicked.
fn question(seat: &Seat) -> String {
    let (who, what) = (seat.who(), place_words(&seat.place));
    format!(
        "End {what} of {who}?\n\nThey are told, and cannot take a seat again for the cool-off.\n\ny  yes        n  no"
    )
}

fn place_words(place: &Place) -> String {
    match place {
        Place::Sitting { seat, .. } => format!("the session (seat {seat})"),
        Place::Held { seat, .. } => format!("the hold (seat {seat})"),
        Place::Waiting { position } => format!("the place in the line ({position})"),
    }
}

/// A box in the middle, as large as its text and no larger than the screen.
fn lay_over(title: &str, text: &str, area: Rect, buffer: &mut Buffer) {
    let widest = text.lines().map(columns).max().unwrap_or(0);
    let width = (widest + 4).min(area.width);
    let inner = usize::from(width.saturating_sub(4)).max(1);
    // Folding between words may need a line more than folding between letters.
    let folded: usize = text
        .lines()
        .map(|line| match usize::from(columns(line)).div_ceil(inner) {
            0 | 1 => 1,
            more => more + 1,
        })
        .sum();
    let height = u16::try_from(folded + 2).unwrap_or(u16::MAX).min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(place, buffer);
    for y in place.top()..place.bottom() {
        // Half of a wide character would cover the frame.
        if let Some(before) = place.x.checked_sub(1).and_then(|x| buffer.cell_mut((x, y)))
            && before.symbol().width() > 1
        {
            before.set_symbol(" ");
        }
    }
    let block = Block::bordered().title(format!(" {title} "));
    let inside = block.inner(place);
    block.render(place, buffer);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    Paragraph::new(text).wrap(Wrap { trim: false }).render(inside, buffer);
}

/// The columns of a text on a terminal.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// As much of a text as has room in `width` columns, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used + 1 > width {
            break;
        }
        kept.push_str(grapheme);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_never_needs_more_columns_than_there_are() {
        let cases = [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("小林同学", 8, "小林同学"),
            ("小林同学", 7, "小林同…"),
            ("小林同学", 6, "小林…"),
            ("any", 0, ""),
        ];
        for (text, width, expected) in cases {
            assert_eq!(cut(text, width), expected, "{text} in {width}");
            assert!(cut(text, width).width() <= width, "{text} in {width}");
        }
    }

    #[test]
    fn the_lines_are_shared_out_without_a_rest_that_somebody_needs() {
        let cases = [
            ((19, 33, 4, 6), (12, 4, 3)),
            ((40, 33, 4, 6), (30, 4, 6)),
            ((60, 33, 4, 6), (33, 4, 6)),
            ((19, 5, 9, 6), (5, 9, 5)),
            ((3, 33, 4, 6), (0, 2, 1)),
            ((0, 33, 4, 6), (0, 0, 0)),
        ];
        for ((rest, keys, room, failures), expected) in cases {
            let share = Share::of(rest, keys, room, failures);
            assert_eq!((share.keys, share.room, share.failures), expected, "{rest}");
        }
    }
}
