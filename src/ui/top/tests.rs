//! The screen as text, and what the keyboard does to it.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::app::Focus;
use super::draw::draw;
use super::{App, Breaker, Budget, FailureRow, KeyRow, Outage, Place, Rates, Seat, Verdict, View, Wish};
use crate::domain::chat::UserId;
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Condition;
use crate::domain::time::Timestamp;

mod keyboard;
mod screens;

/// 2026-01-05T14:03:22Z.
fn now() -> Timestamp {
    Timestamp::from_millis(1_767_621_802_000)
}

fn ago(seconds: u64) -> Timestamp {
    now() - Duration::from_secs(seconds)
}

fn hence(seconds: u64) -> Timestamp {
    now() + Duration::from_secs(seconds)
}

fn budget(model: ModelSlot, used: u64, allowed: u64) -> Budget {
    Budget { model, used, allowed }
}

fn key(id: &str, spent: [u64; 3]) -> KeyRow {
    let id: KeyId = id.parse().expect("a place");
    let budgets = ModelSlot::TEXT.into_iter().zip(spent).zip([300, 75, 15]);
    KeyRow {
        key: id,
        tail: Some(format!("x9{}{}", id, "KdPq").chars().take(4).collect()),
        project: format!("p-{}", id.to_string().to_lowercase()),
        state: Condition::Ready,
        why: None,
        until: None,
        breaker: Breaker::Closed(0),
        last_send: Some(ago(125)),
        cools_until: None,
        running: 0,
        budgets: budgets.map(|((model, used), allowed)| budget(model, used, allowed)).collect(),
        minute: (1, 10),
    }
}

fn sitting(seat: u32, user: i64, name: Option<&str>, since: u64, idle: u64) -> Seat {
    let place = Place::Sitting {
        seat,
        since: ago(since),
        last_active: ago(idle),
        expires_at: hence(900 - idle),
        rounds: 3 * seat,
        queue: 2 - seat.min(2),
    };
    Seat { user: UserId(user), name: name.map(str::to_owned), place }
}

/// A busy evening.
fn evening() -> View {
    let spent = |n: u64| [(n * 37) % 190 + 40, (n * 13) % 60, (n * 7) % 15];
    let groups = [("A", 6), ("B", 6), ("C", 6), ("D", 5)];
    let ids = groups.iter().flat_map(|(group, count)| (1..=*count).map(move |n| format!("{group}{n}")));
    let ids = ids.chain(["RA".to_owned(), "RB".to_owned()]);
    let mut keys: Vec<KeyRow> = ids.zip(1..).map(|(id, n)| key(&id, spent(n))).collect();
    for row in &mut keys {
        match row.key.to_string().as_str() {
            "A1" => {
                (row.running, row.last_send, row.cools_until) = (1, Some(ago(2)), Some(hence(5)));
                (row.state, row.why, row.until) =
                    (Condition::Cooling, Some("cooling".to_owned()), Some(hence(5)));
            }
            "A3" => {
                (row.breaker, row.state) = (Breaker::Open(hence(2_520)), Condition::Blacklisted);
                (row.why, row.until) = (Some("blacklisted".to_owned()), Some(hence(2_520)));
            }
            "A4" => row.breaker = Breaker::Closed(2),
            "A5" => {
                (row.minute, row.state) = ((10, 10), Condition::Cooling);
                (row.why, row.until) = (Some("rate_limited".to_owned()), Some(hence(41)));
            }
            "B2" => {
                (row.state, row.why) = (Condition::Invalid, Some("expired".to_owned()));
            }
            "C1" => {
                row.budgets =
                    [300, 75, 15].into_iter().zip(ModelSlot::TEXT).map(|(n, m)| budget(m, n, n)).collect();
                (row.state, row.why) = (Condition::Exhausted, Some("budget_spent".to_owned()));
                row.until = Some(hence(18_720));
            }
            "D5" => (row.state, row.why) = (Condition::Disabled, Some("disabled".to_owned())),
            _ => {}
        }
    }
    let failure = |seconds, message: &str| FailureRow { at: ago(seconds), message: message.to_owned() };
    View {
        verdict: Verdict::Good,
        version: "0.1.0".to_owned(),
        pid: 4711,
        now: now(),
        started_at: ago(273_600),
        last_poll: Some(ago(2)),
        running: 2,
        queue: 1,
        outbox: 0,
        rates: Rates {
            received: 14,
            refused: 1,
            sends: 13,
            answered: 11,
            failed: 1,
            answer_p50_ms: Some(1_840),
        },
        budgets: vec![
            budget(ModelSlot::FlashLite, 3_412, 7_500),
            budget(ModelSlot::Flash, 702, 1_875),
            budget(ModelSlot::Pro, 171, 375),
        ],
        resets_at: hence(18_720),
        outages: Vec::new(),
        keys,
        seats_taken: 2,
        seats: 3,
        room: vec![
            sitting(1, 2001, Some("xiaolin"), 1_260, 20),
            sitting(2, 2002, None, 300, 65),
            Seat {
                user: UserId(2003),
                name: Some("ming".to_owned()),
                place: Place::Held { seat: 3, until: hence(48) },
            },
            Seat {
                user: UserId(2004),
                name: Some("小林同学".to_owned()),
                place: Place::Waiting { position: 1 },
            },
        ],
        failures: vec![
            failure(126, "unauthorized from flash-lite on p-a3"),
            failure(1_900, "upstream from flash on p-b4"),
        ],
    }
}

fn app(view: &View) -> App {
    let mut app = App::new(view.clone(), now());
    for sends in [2, 4, 5, 9, 14, 11, 8, 6, 3, 7, 13] {
        let mut view = view.clone();
        view.rates.sends = sends;
        app.arrived(view, now());
    }
    app
}

fn press(app: &mut App, code: KeyCode) -> Option<Wish> {
    app.press(KeyEvent::new(code, KeyModifiers::NONE))
}

fn type_in(app: &mut App, text: &str) {
    for letter in text.chars() {
        assert_eq!(press(app, KeyCode::Char(letter)), None, "{letter}");
    }
}

fn drawn(app: &App, colored: bool, width: u16, height: u16) -> TestBackend {
    let mut terminal = ratatui::Terminal::new(TestBackend::new(width, height)).expect("a buffer");
    let frame = |frame: &mut ratatui::Frame<'_>| draw(app, colored, frame.area(), frame.buffer_mut());
    terminal.draw(frame).expect("a buffer takes everything");
    terminal.backend().clone()
}

/// The screen as it can be read, without blanks at the ends of lines. A wide character leaves no cell behind.
fn text(app: &App, width: u16, height: u16) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let backend = drawn(app, false, width, height);
    let buffer = backend.buffer();
    let mut text = String::new();
    for y in 0..height {
        let (mut line, mut x) = (String::new(), 0);
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line += symbol;
            x += u16::try_from(symbol.width()).expect("a cell is narrow").max(1);
        }
        assert!(line.width() <= usize::from(width), "{line}");
        text += line.trim_end();
        text.push('\n');
    }
    text
}
