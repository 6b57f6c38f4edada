//! What the person at the keyboard has made of the screen, and what a key does to it. Pure: time and data come in from
//! outside, what is to be done goes out as a [`Wish`].

use std::collections::VecDeque;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::rows::{keys_shown, line_of, lines, room_shown};
use super::view::{Place, Seat, View};
use crate::domain::chat::UserId;
use crate::domain::key::KeyId;
use crate::domain::time::Timestamp;

/// Samples of the rate that are kept for the curve.
const CURVE: usize = 60;
/// The longest filter, in characters.
const LONGEST_FILTER: usize = 40;

/// What must be done outside of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    /// End.
    Quit,
    /// End, because of Ctrl-C.
    Interrupt,
    /// Go to the background, because of Ctrl-Z.
    Suspend,
    /// Ask the daemon now.
    Refresh,
    /// End the VIP session of this user, or their hold or place in the line.
    Kick(UserId),
}

/// Which list the arrow keys move in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Focus {
    #[default]
    Keys,
    Room,
}

/// What keys are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum KeyOrder {
    /// Place, under a line for each group.
    #[default]
    Group,
    /// Worst state first.
    State,
    /// Most spent first.
    Budget,
    /// Latest send first.
    Sent,
}

impl KeyOrder {
    pub(super) const fn name(self) -> &'static str {
        match self {
            KeyOrder::Group => "group",
            KeyOrder::State => "state",
            KeyOrder::Budget => "budget",
            KeyOrder::Sent => "last send",
        }
    }

    const fn next(self) -> KeyOrder {
        match self {
            KeyOrder::Group => KeyOrder::State,
            KeyOrder::State => KeyOrder::Budget,
            KeyOrder::Budget => KeyOrder::Sent,
            KeyOrder::Sent => KeyOrder::Group,
        }
    }
}

/// What seats are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum SeatOrder {
    /// The seat's number.
    #[default]
    Seat,
    /// Who leaves first.
    Expiry,
    /// Who has been silent longest.
    Idle,
}

impl SeatOrder {
    pub(super) const fn name(self) -> &'static str {
        match self {
            SeatOrder::Seat => "seat",
            SeatOrder::Expiry => "expiry",
            SeatOrder::Idle => "idle",
        }
    }

    const fn next(self) -> SeatOrder {
        match self {
            SeatOrder::Seat => SeatOrder::Expiry,
            SeatOrder::Expiry => SeatOrder::Idle,
            SeatOrder::Idle => SeatOrder::Seat,
        }
    }
}

/// What lies over the screen and takes the keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Overlay {
    #[default]
    None,
    Help,
    /// The filter is being typed.
    Filter,
    /// Whether to kick somebody. The person is kept, not the seat: that may be another's by the time of the answer.
    Kick(Seat),
}

/// The line that says what came of the last thing done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) failed: bool,
}

/// The state of the screen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct App {
    pub(super) view: View,
    /// Sends a minute, oldest first.
    pub(super) curve: VecDeque<u32>,
    /// Since when the daemon has not answered, and why.
    pub(super) lost: Option<(Timestamp, String)>,
    /// This terminal's own clock.
    pub(super) now: Timestamp,
    pub(super) focus: Focus,
    pub(super) overlay: Overlay,
    pub(super) filter: String,
    pub(super) key_order: KeyOrder,
    pub(super) seat_order: SeatOrder,
    pub(super) reversed: bool,
    /// The keys' cursor; it stays with its key when the order changes.
    pub(super) key: Option<KeyId>,
    /// The room's cursor; it stays with its person.
    pub(super) user: Option<UserId>,
    pub(super) said: Option<Said>,
}

impl App {
    /// The first screen.
    pub(crate) fn new(view: View, now: Timestamp) -> App {
        let curve = VecDeque::from([view.rates.sends]);
        let mut app = App {
            view,
            curve,
            lost: None,
            now,
            focus: Focus::default(),
            overlay: Overlay::default(),
            filter: String::new(),
            key_order: KeyOrder::default(),
            seat_order: SeatOrder::default(),
            reversed: false,
            key: None,
            user: None,
            said: None,
        };
        app.settle();
        app
    }

    /// The daemon answered at `now`.
    pub(crate) fn arrived(&mut self, view: View, now: Timestamp) {
        if self.view.pid != view.pid {
            self.say(format!("the daemon was started again, pid {}", view.pid));
        }
        if self.curve.len() == CURVE {
            self.curve.pop_front();
        }
        self.curve.push_back(view.rates.sends);
        (self.view, self.lost, self.now) = (view, None, now);
        self.settle();
    }

    /// The daemon did not answer at `now`.
    pub(crate) fn missed(&mut self, why: &str, now: Timestamp) {
        let since = self.lost.as_ref().map_or(now, |(since, _)| *since);
        (self.lost, self.now) = (Some((since, why.to_owned())), now);
    }

    /// What came of a wish.
    pub(crate) fn told(&mut self, result: Result<String, String>) {
        match result {
            Ok(text) => self.say(text),
            Err(text) => self.said = Some(Said { text, failed: true }),
        }
    }

    fn say(&mut self, text: String) {
        self.said = Some(Said { text, failed: false });
    }

    /// A key was pressed.
    pub(crate) fn press(&mut self, event: KeyEvent) -> Option<Wish> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        if event.modifiers.contains(KeyModifiers::CONTROL) {
            return match event.code {
                KeyCode::Char('c') => Some(Wish::Interrupt),
                KeyCode::Char('z') => Some(Wish::Suspend),
                KeyCode::Char('u') if self.overlay == Overlay::Filter => {
                    self.filter.clear();
                    self.settle();
                    None
                }
                _ => None,
            };
        }
        if event.modifiers.contains(KeyModifiers::ALT) {
            // Esc and a key right after it arrive as one.
            self.press(KeyEvent::from(KeyCode::Esc));
        }
        match std::mem::take(&mut self.overlay) {
            Overlay::Filter => {
                self.type_filter(event.code);
                None
            }
            Overlay::Kick(seat) => self.decide(&seat, event.code),
            Overlay::Help => (event.code == KeyCode::Char('q')).then_some(Wish::Quit),
            Overlay::None => self.command(event.code),
        }
    }

    fn type_filter(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter => return,
            KeyCode::Esc => {
                self.filter.clear();
                self.settle();
                return;
            }
            KeyCode::Backspace => drop(self.filter.pop()),
            KeyCode::Char(letter) if self.filter.chars().count() < LONGEST_FILTER => self.filter.push(letter),
            _ => {}
        }
        self.overlay = Overlay::Filter;
        self.settle();
    }

    /// Only y is yes. A key that has nothing to do with the question leaves it open.
    fn decide(&mut self, seat: &Seat, code: KeyCode) -> Option<Wish> {
        match code {
            KeyCode::Char('y' | 'Y') => return Some(Wish::Kick(seat.user)),
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc | KeyCode::Enter => {
                self.say("nobody was kicked".to_owned());
            }
            _ => self.overlay = Overlay::Kick(seat.clone()),
        }
        None
    }

    fn command(&mut self, code: KeyCode) -> Option<Wish> {
        self.said = None;
        match code {
            KeyCode::Char('q') => return Some(Wish::Quit),
            KeyCode::Char(' ') => return Some(Wish::Refresh),
            KeyCode::Char('?' | 'h') | KeyCode::F(1) => self.overlay = Overlay::Help,
            KeyCode::Char('/') => self.overlay = Overlay::Filter,
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Tab | KeyCode::BackTab => {
                self.focus = if self.focus == Focus::Keys { Focus::Room } else { Focus::Keys };
            }
            KeyCode::Char('s') => match self.focus {
                Focus::Keys => self.key_order = self.key_order.next(),
                Focus::Room => self.seat_order = self.seat_order.next(),
            },
            KeyCode::Char('r') => self.reversed = !self.reversed,
            KeyCode::Char('k') => self.ask_kick(),
            KeyCode::Up => self.walk(-1),
            KeyCode::Down => self.walk(1),
            KeyCode::PageUp => self.walk(-10),
            KeyCode::PageDown => self.walk(10),
            KeyCode::Home => self.walk(isize::MIN),
            KeyCode::End => self.walk(isize::MAX),
            _ => {}
        }
        self.settle();
        None
    }

    fn ask_kick(&mut self) {
        let seats = room_shown(self);
        let chosen = seats.iter().find(|seat| Some(seat.user) == self.user).or(seats.first());
        let (chosen, others) = (chosen.map(|seat| Seat::clone(seat)), seats.len() > 1);
        let Some(seat) = chosen else {
            self.said = Some(Said { text: "nobody is in the VIP room".to_owned(), failed: true });
            return;
        };
        // Whom is not clear yet where nobody was chosen among several.
        let is_clear = self.focus == Focus::Room || !others;
        self.focus = Focus::Room;
        if is_clear {
            self.overlay = Overlay::Kick(seat);
        } else {
            self.say("choose with the arrows whom to kick, then k again".to_owned());
        }
    }

    fn walk(&mut self, by: isize) {
        match self.focus {
            Focus::Keys => {
                let keys: Vec<KeyId> = keys_shown(self).iter().map(|row| row.key).collect();
                self.key = moved(&keys, self.key, by);
            }
            Focus::Room => {
                let users: Vec<UserId> = room_shown(self).iter().map(|seat| seat.user).collect();
                self.user = moved(&users, self.user, by);
            }
        }
    }

    /// Cursors that point to nothing go to the first line.
    fn settle(&mut self) {
        let keys: Vec<KeyId> = keys_shown(self).iter().map(|row| row.key).collect();
        self.key = moved(&keys, self.key, 0);
        let users: Vec<UserId> = room_shown(self).iter().map(|seat| seat.user).collect();
        self.user = moved(&users, self.user, 0);
    }

    /// The first line of the list of keys that is shown if there is room for `height` of them.
    pub(super) fn key_offset(&self, height: usize) -> usize {
        let lines = lines(self);
        offset(line_of(&lines, self.key), lines.len(), height)
    }

    /// The first place of the room that is shown if there is room for `height` of them.
    pub(super) fn room_offset(&self, height: usize) -> usize {
        let seats = room_shown(self);
        offset(seats.iter().position(|seat| Some(seat.user) == self.user), seats.len(), height)
    }
}

/// The order of places in the room by their numbers: seats, then the line.
pub(super) const fn place_number(place: &Place) -> (bool, u32) {
    match place {
        Place::Sitting { seat, .. } | Place::Held { seat, .. } => (false, *seat),
        Place::Waiting { position } => (true, *position),
    }
}

fn moved<T: Copy + PartialEq>(all: &[T], at: Option<T>, by: isize) -> Option<T> {
    let place = at.and_then(|at| all.iter().position(|one| *one == at)).unwrap_or(0);
    all.get(place.saturating_add_signed(by).min(all.len().saturating_sub(1))).copied()
}

/// Keeps the cursor in the middle where there is something to both sides.
fn offset(cursor: Option<usize>, all: usize, height: usize) -> usize {
    cursor.unwrap_or(0).saturating_sub(height / 2).min(all.saturating_sub(height))
}
