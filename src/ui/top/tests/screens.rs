//! What a screen looks like.

use super::*;

/// Compares with a picture that was looked at.
fn assert_looks(app: &App, (width, height): (u16, u16), expected: &str) {
    let shown = text(app, width, height);
    assert!(shown == expected, "{shown}");
}

/// The question before somebody whose name is wide is kicked.
fn asked() -> App {
    let mut app = app(&evening());
    for code in [KeyCode::Tab, KeyCode::End, KeyCode::Char('k')] {
        press(&mut app, code);
    }
    app
}

/// A daemon that is gone for twelve seconds.
fn lost() -> App {
    let mut app = app(&evening());
    let why = "the daemon is not running (no socket at /run/svs/control.sock)";
    app.missed(why, now());
    app.missed(why, hence(12));
    app
}

/// Everything that can go wrong has.
fn night() -> App {
    let mut view = evening();
    view.verdict = Verdict::Critical("no answer from Telegram for 2m 3s, no key can serve".to_owned());
    view.outages = vec![
        Outage { what: "the whole pool".to_owned(), why: "pool_paused".to_owned(), until: Some(hence(30)) },
        Outage { what: "pro".to_owned(), why: "model_down".to_owned(), until: None },
    ];
    (view.last_poll, view.room, view.seats_taken) = (None, Vec::new(), 0);
    view.failures.clear();
    app(&view)
}

#[test]
fn screens_look_as_they_were_looked_at() {
    assert_looks(&app(&evening()), (80, 24), include_str!("evening-80x24.txt"));
    assert_looks(&app(&evening()), (40, 24), include_str!("evening-40x24.txt"));
    assert_looks(&app(&evening()), (120, 46), include_str!("evening-120x46.txt"));
    assert_looks(&asked(), (80, 24), include_str!("asked-80x24.txt"));
    assert_looks(&asked(), (40, 16), include_str!("asked-40x16.txt"));
    assert_looks(&night(), (80, 16), include_str!("night-80x16.txt"));
    let mut filtered = lost();
    type_in(&mut filtered, "/group:b ready");
    assert_looks(&filtered, (80, 24), include_str!("lost-80x24.txt"));
    let mut nothing = app(&evening());
    type_in(&mut nothing, "/nobody");
    assert_looks(&nothing, (60, 16), include_str!("nothing-60x16.txt"));
    let mut help = app(&evening());
    press(&mut help, KeyCode::Char('?'));
    assert_looks(&help, (40, 24), include_str!("help-40x24.txt"));
}

#[test]
fn color_says_nothing_alone_and_can_be_refused() {
    for app in [app(&evening()), asked(), lost(), night()] {
        let (plain, colored) = (drawn(&app, false, 80, 24), drawn(&app, true, 80, 24));
        let (plain, colored) = (plain.buffer().content(), colored.buffer().content());
        let is_bare = |cell: &ratatui::buffer::Cell| cell.fg == Color::Reset && cell.modifier.is_empty();
        assert!(plain.iter().all(is_bare));
        assert!(plain.iter().zip(colored).all(|(one, other)| one.symbol() == other.symbol()));
    }
    let evening = drawn(&app(&evening()), true, 80, 24);
    for color in [Color::Green, Color::Red] {
        assert!(evening.buffer().content().iter().any(|cell| cell.fg == color), "{color}");
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut help = app(&evening());
    press(&mut help, KeyCode::Char('?'));
    let apps = [app(&evening()), asked(), lost(), night(), help];
    let widths = (0..=130).step_by(13).chain([1, 2, 3, 40, 80]);
    for width in widths {
        for height in (0..=14).chain([24, 60]) {
            for app in &apps {
                assert_eq!(text(app, width, height).lines().count(), usize::from(height));
            }
        }
    }
}

#[test]
fn a_daemon_that_says_nothing_of_keys_is_shown_all_the_same() {
    let shown = text(&app(&View { keys: Vec::new(), budgets: Vec::new(), ..evening() }), 90, 24);
    assert!(shown.contains("it may be older than this command"), "{shown}");
}

#[test]
fn another_daemon_is_named() {
    let mut app = lost();
    app.arrived(View { pid: 4712, ..evening() }, hence(13));
    let shown = text(&app, 80, 24);
    assert!(shown.contains("OK") && shown.contains("the daemon was started again, pid 4712"), "{shown}");
}
