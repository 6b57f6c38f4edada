//! The VIP room: who sits, for whom a seat is held, who waits.

use super::app::{App, Focus, SeatOrder};
use super::draw::{Pen, columns};
use super::keys::short;
use super::rows::room_shown;
use super::view::{Place, Seat};
use crate::domain::time::Timestamp;
use crate::ui::style::Paint;

/// The cursor and `line 12`.
const PLACE: u16 = 9;
/// A name is cut to no less than this for what comes after it.
const NAME: u16 = 14;

/// The lines the room would like to have.
pub(super) fn height(app: &App) -> u16 {
    u16::try_from(room_shown(app).len() + 1).unwrap_or(u16::MAX)
}

/// Draws the room.
pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let seats = room_shown(app);
    let rows = usize::from(pen.area.height.saturating_sub(1));
    let offset = app.room_offset(rows);
    let shown = seats.len().saturating_sub(offset).min(rows);
    let waiting = app.view.room.iter().filter(|seat| matches!(seat.place, Place::Waiting { .. })).count();
    let mut title = vec![format!("VIP {}/{} seats", app.view.seats_taken, app.view.seats)];
    if waiting > 0 {
        title.push(format!("{waiting} in line"));
    }
    if app.seat_order != SeatOrder::Seat {
        title.push(format!("by {}", app.seat_order.name()));
    }
    let part = if shown < seats.len() {
        format!("{}–{} of {}", offset + 1, offset + shown, seats.len())
    } else {
        String::new()
    };
    pen.rule(0, app.focus == Focus::Room, &title.join(" · "), &part);
    let widest = seats.iter().map(|seat| columns(&seat.who())).max().unwrap_or(0);
    for (seat, y) in seats.iter().skip(offset).take(rows).zip(1..) {
        row(app, seat, widest, y, pen);
    }
}

fn row(app: &App, seat: &Seat, widest: u16, y: u16, pen: &mut Pen<'_>) {
    let is_chosen = app.focus == Focus::Room && app.user == Some(seat.user);
    pen.put(0, y, 1, if is_chosen { "▸" } else { " " }, Paint::Strong);
    let (place, rest) = words(&seat.place, app.view.now);
    pen.put(1, y, PLACE - 2, &place, Paint::Plain);
    // As many of the words as there is room for beside a name that can be read; then the name.
    let room = pen.area.width.saturating_sub(PLACE + NAME.min(widest));
    let mut used = 0;
    let fitting = rest.iter().take_while(|word| {
        used += columns(word) + 2;
        used <= room
    });
    let fitting: Vec<&String> = fitting.collect();
    let needed: u16 = fitting.iter().map(|word| columns(word) + 2).sum();
    let name = widest.min(pen.area.width.saturating_sub(PLACE + needed));
    let paint = if is_chosen { Paint::Strong } else { Paint::Plain };
    pen.put(PLACE, y, name, &seat.who(), paint);
    let mut x = PLACE + name + 2;
    for word in fitting {
        x = pen.put(x, y, pen.area.width, word, Paint::Plain) + 2;
    }
}

/// Where somebody is, and what is to be said of it, the most important first. Padded, so that lines align.
fn words(place: &Place, now: Timestamp) -> (String, Vec<String>) {
    let ends = |at: Timestamp| format!("ends {:<4}", short(at.since(now)));
    match *place {
        Place::Sitting { seat, since, last_active, expires_at, rounds, queue } => {
            let rest = vec![
                ends(expires_at),
                format!("idle {:<4}", short(now.since(last_active))),
                format!("since {:<4}", short(now.since(since))),
                format!("{rounds} rounds"),
                format!("{queue} asked"),
            ];
            (format!("seat {seat}"), rest)
        }
        Place::Held { seat, until } => (format!("seat {seat}"), vec![ends(until), "held".to_owned()]),
        Place::Waiting { position } => (format!("line {position}"), Vec::new()),
    }
}
