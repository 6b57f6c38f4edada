//! The list of keys: as many columns as there is room for, the most important first.

use std::time::Duration;

use super::app::{App, Focus, KeyOrder};
use super::draw::{Pen, columns};
use super::rows::{Line, can_serve, lines};
use super::summary::time_of_day;
use super::view::{Breaker, Budget, KeyRow, Place, Seat, group_name};
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Condition;
use crate::domain::time::Timestamp;
use crate::ui::style::Paint;
use crate::ui::text::relative;

/// The cursor and the key's place.
const KEY: u16 = 6;
/// `blacklisted 59m` and a blank.
const STATE: u16 = 16;
/// Bars are at least and at most so long.
const BAR: (u16, u16) = (4, 14);

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Budget(ModelSlot),
    Breaker,
    Cooldown,
    Running,
    Tail,
    Minute,
    Sent,
    Project,
}

/// A column: what it shows, and its width with the blanks after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Column {
    field: Field,
    width: u16,
    /// Of a budget: the columns of its widest amount, right of the bar.
    label: u16,
}

/// The lines the list would like to have: its title, the names of the columns, the keys.
pub(super) fn height(app: &App) -> u16 {
    u16::try_from(lines(app).len().max(1) + 2).unwrap_or(u16::MAX)
}

/// Draws the list.
pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let lines = lines(app);
    let rows = usize::from(pen.area.height.saturating_sub(2));
    let offset = app.key_offset(rows);
    let shown = lines.len().saturating_sub(offset).min(rows);
    let serving = app.view.keys.iter().filter(|row| can_serve(row)).count();
    let mut title = vec![format!("KEYS {serving} of {} can serve", app.view.keys.len())];
    if app.key_order != KeyOrder::Group || app.reversed {
        let turned = if app.reversed { ", reversed" } else { "" };
        title.push(format!("by {}{turned}", app.key_order.name()));
    }
    if !app.filter.is_empty() {
        title.push(format!("filter {}", app.filter));
    }
    let part = if shown < lines.len() {
        format!("{}–{} of {}", offset + 1, offset + shown, lines.len())
    } else {
        String::new()
    };
    pen.rule(0, app.focus == Focus::Keys, &title.join(" · "), &part);
    let columns = columns_for(app, pen.area.width);
    titles(&columns, pen);
    if lines.is_empty() {
        let why = if app.view.keys.is_empty() {
            "the daemon says nothing of single keys: it may be older than this command"
        } else {
            "no key passes the filter (Esc clears it)"
        };
        pen.put(2, 2, pen.area.width, why, Paint::Plain);
    }
    for (line, y) in lines.iter().skip(offset).take(rows).zip(2..) {
        match line {
            Line::Group(group, ready, all) => {
                let name = group
                    .map_or_else(|| "router keys".to_owned(), |_| format!("group {}", group_name(*group)));
                pen.put(1, y, pen.area.width, &format!("{name}: {ready} of {all} can serve"), Paint::Faint);
            }
            Line::Key(row) => self::row(app, row, &columns, y, pen),
        }
    }
}

/// Which columns have room, and how wide their bars are.
fn columns_for(app: &App, width: u16) -> Vec<Column> {
    let models: Vec<ModelSlot> = app.view.budgets.iter().map(|budget| budget.model).collect();
    let label = |model: ModelSlot| {
        let of = app.view.keys.iter().flat_map(|row| &row.budgets).filter(|budget| budget.model == model);
        of.map(|budget| columns(&amount(budget))).max().unwrap_or(3)
    };
    let budget = |model: ModelSlot| {
        let label = label(model);
        Column { field: Field::Budget(model), width: BAR.0 + 1 + label + 2, label }
    };
    let fixed = |field, width| Column { field, width, label: 0 };
    let first = models.first().map(|model| budget(*model));
    let others = models.iter().skip(1).map(|model| budget(*model));
    let wanted =
        first.into_iter().chain([fixed(Field::Breaker, 10), fixed(Field::Cooldown, 5)]).chain(others).chain(
            [
                fixed(Field::Running, 4),
                fixed(Field::Tail, 7),
                fixed(Field::Minute, 8),
                fixed(Field::Sent, 6),
                fixed(Field::Project, 14),
            ],
        );
    let mut left = width.saturating_sub(KEY + STATE);
    let mut chosen: Vec<Column> = Vec::new();
    for column in wanted {
        // The last column needs no blanks after it.
        if column.width <= left + 2 {
            left = left.saturating_sub(column.width);
            chosen.push(column);
        }
    }
    let bars = u16::try_from(chosen.iter().filter(|column| matches!(column.field, Field::Budget(_))).count());
    let more = left.checked_div(bars.unwrap_or(0)).unwrap_or(0).min(BAR.1 - BAR.0);
    for column in &mut chosen {
        if matches!(column.field, Field::Budget(_)) {
            column.width += more;
        }
    }
    // In the order in which they are read.
    let rank = |column: &Column| match column.field {
        Field::Tail => 0,
        Field::Breaker => 1,
        Field::Cooldown => 2,
        Field::Running => 3,
        Field::Minute => 4,
        Field::Sent => 5,
        Field::Budget(_) => 6,
        Field::Project => 7,
    };
    chosen.sort_by_key(rank);
    chosen
}

fn titles(columns: &[Column], pen: &mut Pen<'_>) {
    pen.put(1, 1, KEY, "KEY", Paint::Faint);
    let mut x = pen.put(KEY, 1, STATE, "STATE", Paint::Faint).max(KEY + STATE);
    for column in columns {
        let title = match column.field {
            Field::Budget(model) => model.name().to_uppercase(),
            Field::Breaker => "BREAKER".to_owned(),
            Field::Cooldown => "COOL".to_owned(),
            Field::Running => "OUT".to_owned(),
            Field::Tail => "TAIL".to_owned(),
            Field::Minute => "MINUTE".to_owned(),
            Field::Sent => "SENT".to_owned(),
            Field::Project => "PROJECT".to_owned(),
        };
        pen.put(x, 1, column.width.saturating_sub(1), &title, Paint::Faint);
        x += column.width;
    }
}

fn row(app: &App, row: &KeyRow, columns: &[Column], y: u16, pen: &mut Pen<'_>) {
    let now = app.view.now;
    let is_chosen = app.focus == Focus::Keys && app.key == Some(row.key);
    pen.put(0, y, 1, if is_chosen { "▸" } else { " " }, Paint::Strong);
    pen.put(1, y, KEY - 1, &row.key.to_string(), if is_chosen { Paint::Strong } else { Paint::Plain });
    pen.put(KEY, y, STATE - 1, &state(row, now), state_paint(row.state));
    let mut x = KEY + STATE;
    for column in columns {
        let width = column.width.saturating_sub(1);
        match column.field {
            Field::Budget(model) => {
                if let Some(budget) = row.budgets.iter().find(|budget| budget.model == model) {
                    self::budget(budget, *column, x, y, pen);
                }
            }
            Field::Breaker => drop(pen.put(x, y, width, &breaker(row, now), breaker_paint(row))),
            Field::Cooldown => {
                let left = row.cools_until.filter(|until| *until > now).map(|until| until.since(now));
                let text = left.map_or_else(|| "-".to_owned(), |left| short(round_up(left)));
                pen.put(x, y, width, &text, Paint::Plain);
            }
            Field::Running => {
                pen.put(x, y, width, &row.running.to_string(), Paint::Plain);
            }
            Field::Tail => {
                let tail = row.tail.as_ref().map_or_else(|| "-".to_owned(), |tail| format!("…{tail}"));
                pen.put(x, y, width, &tail, Paint::Plain);
            }
            Field::Minute => {
                pen.put(x, y, width, &format!("{}/{}", row.minute.0, row.minute.1), Paint::Plain);
            }
            Field::Sent => {
                let sent = row.last_send.map_or_else(|| "-".to_owned(), |at| short(now.since(at)));
                pen.put(x, y, width, &sent, Paint::Plain);
            }
            Field::Project => drop(pen.put(x, y, width, &row.project, Paint::Plain)),
        }
        x += column.width;
    }
}

fn budget(budget: &Budget, column: Column, x: u16, y: u16, pen: &mut Pen<'_>) {
    let length = column.width.saturating_sub(2 + 1 + column.label);
    let end = pen.put(x, y, length, &bar(budget.share(), usize::from(length)), full(budget.share()));
    pen.put_right(end + 1 + column.label, y, column.label, &amount(budget), Paint::Plain);
}

fn amount(budget: &Budget) -> String {
    format!("{}/{}", budget.used, budget.allowed)
}

/// What is known of the chosen key or place, in a line.
pub(super) fn chosen(app: &App) -> String {
    match app.focus {
        Focus::Keys => {
            let row = app.view.keys.iter().find(|row| Some(row.key) == app.key);
            row.map_or_else(String::new, |row| key_words(row, app.view.now))
        }
        Focus::Room => {
            let seat = app.view.room.iter().find(|seat| Some(seat.user) == app.user);
            seat.map_or_else(String::new, seat_words)
        }
    }
}

fn key_words(row: &KeyRow, now: Timestamp) -> String {
    let tail = row.tail.as_ref().map_or_else(String::new, |tail| format!(" …{tail}"));
    let until = row.until.map_or_else(String::new, |until| format!(" until {}", time_of_day(until)));
    let sent = row.last_send.map_or_else(String::new, |sent| format!(", sent {}", relative(sent, now)));
    let why = row.why.as_deref().unwrap_or("can send now");
    let ((minute, limit), project) = (row.minute, &row.project);
    format!("{}{tail}: {why}{until}{sent}, minute {minute}/{limit}, project {project}", row.key)
}

fn seat_words(seat: &Seat) -> String {
    let what = match seat.place {
        Place::Sitting { seat, expires_at, .. } => format!("seat {seat} until {}", time_of_day(expires_at)),
        Place::Held { seat, until } => format!("seat {seat} is held until {}", time_of_day(until)),
        Place::Waiting { position } => format!("place {position} in the line"),
    };
    format!("{}: {what}; k kicks", seat.who())
}

/// `limited 42s`.
fn state(row: &KeyRow, now: Timestamp) -> String {
    let word = match row.state {
        Condition::Cooling if row.why.as_deref() != Some("cooling") => "limited",
        state => state.name(),
    };
    match row.until.filter(|until| row.state != Condition::Ready && *until > now) {
        Some(until) => format!("{word} {}", short(round_up(until.since(now)))),
        None => word.to_owned(),
    }
}

const fn state_paint(state: Condition) -> Paint {
    match state {
        Condition::Ready => Paint::Good,
        Condition::Cooling => Paint::Plain,
        Condition::Exhausted => Paint::Warning,
        Condition::Blacklisted | Condition::Invalid => Paint::Bad,
        Condition::Disabled => Paint::Faint,
    }
}

fn breaker(row: &KeyRow, now: Timestamp) -> String {
    match row.breaker {
        Breaker::Closed(0) => "closed".to_owned(),
        Breaker::Closed(1) => "1 strike".to_owned(),
        Breaker::Closed(strikes) => format!("{strikes} strikes"),
        Breaker::Open(until) if until > now => format!("open {}", short(round_up(until.since(now)))),
        Breaker::Open(_) => "open, due".to_owned(),
        Breaker::HalfOpen => "probing".to_owned(),
    }
}

const fn breaker_paint(row: &KeyRow) -> Paint {
    match row.breaker {
        Breaker::Closed(0) => Paint::Plain,
        Breaker::Closed(_) | Breaker::HalfOpen => Paint::Warning,
        Breaker::Open(_) => Paint::Bad,
    }
}

/// A bar of `width` columns, full to a share between 0 and 1. The least that was spent can be seen, and so can the
/// least that is left.
pub(super) fn bar(share: f64, width: usize) -> String {
    let exact = share.clamp(0.0, 1.0) * width as f64;
    let full = match exact.round() as usize {
        0 if exact > 0.0 => 1,
        full if full == width && share < 1.0 => width.saturating_sub(1),
        full => full,
    };
    "█".repeat(full) + &"░".repeat(width - full)
}

/// The color of something that is full to a share; the number beside it says the same.
pub(super) const fn full(share: f64) -> Paint {
    if share >= 1.0 {
        Paint::Bad
    } else if share >= 0.8 {
        Paint::Warning
    } else {
        Paint::Good
    }
}

/// A span in its largest unit: `42s`, `5h`.
pub(super) fn short(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// What is not over has a second at least.
fn round_up(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs() + u64::from(span.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_or_full_only_where_that_is_so() {
        let cases =
            [(0.0, "░░░░"), (0.001, "█░░░"), (0.5, "██░░"), (0.999, "███░"), (1.0, "████"), (7.0, "████")];
        for (share, expected) in cases {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
    }

    #[test]
    fn a_short_span_has_one_unit() {
        for (seconds, expected) in [(0, "0s"), (59, "59s"), (61, "1m"), (7_199, "1h"), (200_000, "2d")] {
            assert_eq!(short(Duration::from_secs(seconds)), expected);
        }
    }
}
