//! What each key does.

use super::*;

fn ids(app: &App) -> Vec<String> {
    super::super::rows::keys_shown(app).iter().map(|row| row.key.to_string()).collect()
}

#[test]
fn the_keys_that_leave_say_how() {
    let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    let cases = [
        (KeyEvent::from(KeyCode::Char('q')), Some(Wish::Quit)),
        (control('c'), Some(Wish::Interrupt)),
        (control('z'), Some(Wish::Suspend)),
        (KeyEvent::from(KeyCode::Char(' ')), Some(Wish::Refresh)),
        (KeyEvent::from(KeyCode::Esc), None),
        (control('q'), None),
        (KeyEvent::from(KeyCode::Char('x')), None),
    ];
    for (event, wish) in cases {
        assert_eq!(app(&evening()).press(event), wish, "{event:?}");
    }
    // Ctrl-C leaves from everywhere, q from the help too; in a filter q is a letter.
    let mut helped = app(&evening());
    assert_eq!(
        (press(&mut helped, KeyCode::Char('?')), helped.press(control('c'))),
        (None, Some(Wish::Interrupt))
    );
    assert_eq!(press(&mut helped, KeyCode::Char('q')), Some(Wish::Quit));
    let mut filtered = app(&evening());
    type_in(&mut filtered, "/q");
    assert_eq!(filtered.filter, "q");
}

#[test]
fn keys_are_sorted_by_each_field_in_turn_and_the_cursor_stays_with_its_key() {
    let mut app = app(&evening());
    press(&mut app, KeyCode::Down);
    let cases =
        [("state", "D5", "RB"), ("budget", "C1", "B5"), ("last send", "A1", "RB"), ("group", "A1", "RB")];
    for (order, first, last) in cases {
        press(&mut app, KeyCode::Char('s'));
        assert_eq!(app.key_order.name(), order);
        assert_eq!((ids(&app)[0].as_str(), ids(&app)[24].as_str()), (first, last), "{order}");
        assert_eq!(app.key, "A2".parse().ok(), "{order}");
    }
    press(&mut app, KeyCode::Char('r'));
    assert_eq!(ids(&app)[0], "RB");
}

#[test]
fn a_filter_takes_beginnings_of_words_of_a_key_in_any_order() {
    let cases: [(&str, &[&str]); 9] = [
        ("a3", &["A3"]),
        ("blacklisted", &["A3"]),
        ("EXPIRED", &["B2"]),
        ("rate_limited group:a", &["A5"]),
        ("group:router", &["RA", "RB"]),
        ("p-d4", &["D4"]),
        ("x9c3", &["C3"]),
        ("limited", &["A5"]),
        ("小林", &[]),
    ];
    for (filter, expected) in cases {
        let mut app = app(&evening());
        type_in(&mut app, &format!("/{filter}"));
        assert_eq!(press(&mut app, KeyCode::Enter), None);
        assert_eq!(ids(&app), expected, "{filter}");
        press(&mut app, KeyCode::Esc);
        assert_eq!(ids(&app).len(), 25, "{filter}");
    }
}

#[test]
fn the_cursor_stops_at_both_ends_and_follows_the_filter() {
    let mut app = app(&evening());
    let cases = [
        (KeyCode::Up, "A1"),
        (KeyCode::End, "RB"),
        (KeyCode::Down, "RB"),
        (KeyCode::PageUp, "C3"),
        (KeyCode::Home, "A1"),
        (KeyCode::PageDown, "B5"),
    ];
    for (code, expected) in cases {
        press(&mut app, code);
        assert_eq!(app.key, expected.parse().ok(), "{code:?}");
    }
    type_in(&mut app, "/group:d");
    assert_eq!(app.key, "D1".parse().ok());
    type_in(&mut app, "nothing");
    assert_eq!(app.key, None);
}

#[test]
fn only_y_kicks_and_only_whom_the_question_named() {
    let ask = || {
        let mut app = app(&evening());
        press(&mut app, KeyCode::Tab);
        press(&mut app, KeyCode::Down);
        assert_eq!(press(&mut app, KeyCode::Char('k')), None);
        app
    };
    for code in [KeyCode::Char('n'), KeyCode::Enter, KeyCode::Esc, KeyCode::Char('q')] {
        let mut app = ask();
        assert_eq!(press(&mut app, code), None);
        assert!(app.said.as_ref().is_some_and(|said| said.text == "nobody was kicked"), "{code:?}");
        assert_eq!(press(&mut app, KeyCode::Char('y')), None, "the question is gone");
    }
    for code in [KeyCode::Char('y'), KeyCode::Char('Y')] {
        assert_eq!(press(&mut ask(), code), Some(Wish::Kick(UserId(2002))));
    }
    // Another sits there by now; the question was about the first.
    let mut later = ask();
    let mut view = evening();
    view.room[1] = sitting(2, 2009, None, 1, 1);
    later.arrived(view, now());
    assert_eq!(press(&mut later, KeyCode::Char('x')), None, "an odd key leaves the question");
    assert_eq!(press(&mut later, KeyCode::Char('y')), Some(Wish::Kick(UserId(2002))));
}

#[test]
fn whom_to_kick_must_be_clear() {
    let mut several = app(&evening());
    assert_eq!(press(&mut several, KeyCode::Char('k')), None);
    assert_eq!(press(&mut several, KeyCode::Char('y')), None, "nobody was asked about");
    assert_eq!(several.focus, Focus::Room);
    let mut nobody = app(&View { room: Vec::new(), ..evening() });
    press(&mut nobody, KeyCode::Char('k'));
    assert_eq!(press(&mut nobody, KeyCode::Char('y')), None);
    let mut one = app(&evening());
    type_in(&mut one, "/ming");
    press(&mut one, KeyCode::Enter);
    assert_eq!(
        (press(&mut one, KeyCode::Char('k')), press(&mut one, KeyCode::Char('y'))),
        (None, Some(Wish::Kick(UserId(2003))))
    );
}

#[test]
fn the_room_is_sorted_by_seat_by_end_and_by_silence() {
    let mut app = app(&evening());
    press(&mut app, KeyCode::Tab);
    for (order, users) in [
        ("seat", [2001, 2002, 2003, 2004]),
        ("expiry", [2003, 2002, 2001, 2004]),
        ("idle", [2002, 2001, 2003, 2004]),
    ] {
        let shown: Vec<i64> = super::super::rows::room_shown(&app).iter().map(|seat| seat.user.0).collect();
        assert_eq!((app.seat_order.name(), shown.as_slice()), (order, &users[..]));
        press(&mut app, KeyCode::Char('s'));
    }
}

#[test]
fn a_key_right_after_escape_is_that_key() {
    let mut app = app(&evening());
    type_in(&mut app, "/nobody");
    app.press(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::ALT));
    assert_eq!((app.filter.as_str(), app.key_order.name()), ("", "state"));
}
