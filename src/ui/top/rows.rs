//! Which rows there are, and in which order: sorting and filtering of keys and of the VIP room.

use super::app::{App, KeyOrder, SeatOrder, place_number};
use super::view::{Breaker, KeyRow, Place, Seat, group_name};
use crate::domain::key::{Group, KeyId};
use crate::domain::time::Timestamp;

/// A line of the list of keys.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Line<'a> {
    /// The title of a group: its name, how many of its keys could serve, and how many there are.
    Group(Option<Group>, usize, usize),
    Key(&'a KeyRow),
}

/// The keys that pass the filter, in order.
pub(super) fn keys_shown(app: &App) -> Vec<&KeyRow> {
    let mut rows: Vec<&KeyRow> = app.view.keys.iter().filter(|row| begins(&app.filter, row)).collect();
    match app.key_order {
        // They come by place.
        KeyOrder::Group => {}
        KeyOrder::State => rows.sort_by_key(|row| std::cmp::Reverse(row.state)),
        KeyOrder::Budget => rows.sort_by(|one, other| other.share().total_cmp(&one.share())),
        KeyOrder::Sent => rows.sort_by_key(|row| std::cmp::Reverse(row.last_send)),
    }
    if app.reversed {
        rows.reverse();
    }
    rows
}

/// The lines of the list of keys.
pub(super) fn lines(app: &App) -> Vec<Line<'_>> {
    let rows = keys_shown(app);
    if app.key_order != KeyOrder::Group {
        return rows.into_iter().map(Line::Key).collect();
    }
    let mut lines = Vec::with_capacity(rows.len() + Group::ALL.len() + 1);
    let mut last = None;
    for row in rows {
        let group = row.key.group();
        if last != Some(group) {
            let of_group = || app.view.keys.iter().filter(|row| row.key.group() == group);
            lines.push(Line::Group(
                group,
                of_group().filter(|row| can_serve(row)).count(),
                of_group().count(),
            ));
            last = Some(group);
        }
        lines.push(Line::Key(row));
    }
    lines
}

/// Where a key is among the lines.
pub(super) fn line_of(lines: &[Line<'_>], key: Option<KeyId>) -> Option<usize> {
    lines.iter().position(|line| matches!(line, Line::Key(row) if Some(row.key) == key))
}

/// Serves now, or after a short wait.
pub(super) fn can_serve(row: &KeyRow) -> bool {
    use crate::domain::pool::snapshot::Condition;
    matches!(row.state, Condition::Ready | Condition::Cooling)
}

/// Who is in the VIP room and passes the filter, in order.
pub(super) fn room_shown(app: &App) -> Vec<&Seat> {
    let mut seats: Vec<&Seat> =
        app.view.room.iter().filter(|seat| passes(&app.filter, &seat_words(seat))).collect();
    seats.sort_by_key(|seat| place_number(&seat.place));
    match app.seat_order {
        SeatOrder::Seat => {}
        SeatOrder::Expiry => seats.sort_by_key(|seat| ends(&seat.place)),
        SeatOrder::Idle => seats.sort_by_key(|seat| active(&seat.place)),
    }
    if app.reversed {
        seats.reverse();
    }
    seats
}

const fn ends(place: &Place) -> Timestamp {
    match place {
        Place::Sitting { expires_at, .. } => *expires_at,
        Place::Held { until, .. } => *until,
        Place::Waiting { .. } => Timestamp::NEVER,
    }
}

const fn active(place: &Place) -> Timestamp {
    match place {
        Place::Sitting { last_active, .. } => *last_active,
        Place::Held { .. } | Place::Waiting { .. } => Timestamp::NEVER,
    }
}

/// Every word of the filter is somewhere in a text.
fn passes(filter: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|wanted| text.contains(wanted))
}

/// Every word of the filter begins a word of a key. Within words it may be by chance: `b3` is in many a fingerprint.
fn begins(filter: &str, row: &KeyRow) -> bool {
    let words = key_words(row).to_lowercase();
    let is_begun = |wanted: &str| {
        let mut all = words.split_whitespace().flat_map(|word| [word].into_iter().chain(word.split('_')));
        all.any(|word| word.starts_with(wanted))
    };
    filter.to_lowercase().split_whitespace().all(is_begun)
}

fn key_words(row: &KeyRow) -> String {
    let breaker = match row.breaker {
        Breaker::Closed(_) => "closed",
        Breaker::Open(_) => "open",
        Breaker::HalfOpen => "probing",
    };
    let (tail, why) = (row.tail.as_deref().unwrap_or_default(), row.why.as_deref().unwrap_or_default());
    let (state, group) = (row.state.name(), group_name(row.key.group()));
    format!("{} group:{group} {tail} {} {state} {why} {breaker}", row.key, row.project)
}

fn seat_words(seat: &Seat) -> String {
    let place = match seat.place {
        Place::Sitting { seat, .. } => format!("seat:{seat}"),
        Place::Held { seat, .. } => format!("seat:{seat} held"),
        Place::Waiting { position } => format!("line:{position}"),
    };
    format!("{} {place}", seat.who())
}
