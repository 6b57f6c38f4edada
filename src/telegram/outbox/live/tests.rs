//! What of a growing answer is shown, and when.

use super::*;
use crate::config::Pace;

const T0: Timestamp = Timestamp::from_millis(50_000);
const WIDE: Pace = Pace { burst: 100, interval: Duration::from_secs(1) };

fn at(ms: u64) -> Timestamp {
    T0 + Duration::from_millis(ms)
}

fn live(mode: StreamMode, known: Vec<(u32, i64)>) -> Live {
    let target = Target {
        update_id: 7,
        chat: ChatId(42),
        topic: None,
        user: UserId(42),
        reply_to: None,
        language: Language::EN,
        is_private: true,
        draws: false,
    };
    Live::new(target, mode, known, Head::default(), T0)
}

fn budget() -> Budget {
    Budget::full(WIDE, T0)
}

#[test]
fn a_private_chat_thinks_and_a_group_types() {
    let live = live(StreamMode::Auto, Vec::new());
    assert_eq!(live.next(&mut budget(), true, T0), Next::At(at(200)));
    assert_eq!(live.next(&mut budget(), true, at(200)), Next::Do(Sight::Draft(Formatted::default())));
    assert_eq!(live.next(&mut budget(), false, at(200)), Next::Do(Sight::Typing));
    live.showed(&Sight::Typing, None, at(200));
    assert_eq!(live.next(&mut budget(), false, at(201)), Next::At(at(4700)));
    live.showed(&Sight::Draft(Formatted::default()), None, at(200));
    assert_eq!(live.next(&mut budget(), true, at(201)), Next::At(at(20_200)));
}

#[test]
fn text_ends_the_signs_of_life_and_opens_a_message() {
    let live = live(StreamMode::Auto, Vec::new());
    assert!(live.push("A first sentence. And", at(100)));
    let Next::Do(open @ Sight::Open(_)) = live.next(&mut budget(), true, at(300)) else { panic!("open") };
    let Sight::Open(view) = &open else { unreachable!() };
    assert_eq!(view.shown.text, format!("A first sentence. And{CURSOR}"));
    live.showed(&open, Some(11), at(300));
    assert_eq!(live.next(&mut budget(), true, at(9000)), Next::Rest);
    live.push(" more, and more, and more.", at(9000));
    let Next::Do(Sight::Edit(11, view)) = live.next(&mut budget(), true, at(9000)) else { panic!("edit") };
    assert!(view.shown.text.starts_with("A first sentence. And more"));
    live.close();
    assert_eq!(live.next(&mut budget(), true, at(20_000)), Next::Rest);
}

#[test]
fn a_long_wait_is_told_once_and_becomes_the_answer() {
    let live = live(StreamMode::Edit, Vec::new());
    live.tell("3 in line".to_owned(), at(10));
    live.showed(&Sight::Typing, None, at(4000));
    assert_eq!(live.next(&mut budget(), false, at(5000)), Next::At(at(6000)));
    let Next::Do(open) = live.next(&mut budget(), false, at(6000)) else { panic!("open") };
    live.showed(&open, Some(5), at(6000));
    assert_eq!(live.next(&mut budget(), false, at(60_000)), Next::Rest);
    live.push("That is so. It", at(60_000));
    assert!(matches!(live.next(&mut budget(), false, at(60_000)), Next::Do(Sight::Edit(5, _))));
}

#[test]
fn a_message_opened_before_a_restart_is_used_again() {
    let live = live(StreamMode::Auto, vec![(0, 33)]);
    assert_eq!(live.next(&mut budget(), true, at(5000)), Next::Rest);
    live.tell_now("I restarted".to_owned(), at(5000));
    assert!(matches!(live.next(&mut budget(), true, at(5000)), Next::Do(Sight::Edit(33, _))));
}

#[test]
fn a_text_longer_than_a_message_goes_on_in_the_next() {
    let live = live(StreamMode::Auto, Vec::new());
    let text = "word ".repeat(900);
    live.push(&text, T0);
    let Next::Do(open) = live.next(&mut budget(), false, T0) else { panic!("open") };
    let Sight::Open(view) = &open else { panic!("open") };
    assert!(utf16_len(&view.shown.text) <= 4096 && view.is_full);
    live.showed(&open, Some(1), T0);
    let Next::Do(Sight::Open(view)) = live.next(&mut budget(), false, at(10)) else { panic!("open") };
    assert_eq!(view.part, 1);
    let final_parts = crate::telegram::markdown::render_parts(&text, Limits::default());
    assert_eq!(view.shown.text, format!("{}{CURSOR}", final_parts[1].text));
}

#[test]
fn a_mode_without_edits_only_shows_that_it_works() {
    let live = live(StreamMode::Off, Vec::new());
    assert_eq!(live.next(&mut budget(), false, at(200)), Next::Do(Sight::Typing));
    live.push("A first sentence. And more", at(300));
    assert_eq!(live.next(&mut budget(), false, at(30_000)), Next::Rest);
}

#[test]
fn a_failed_sight_is_not_tried_again_at_once() {
    let live = live(StreamMode::Edit, Vec::new());
    live.push("A first sentence. And more", T0);
    let Next::Do(open) = live.next(&mut budget(), false, T0) else { panic!("open") };
    live.failed(&open, false, T0);
    assert_eq!(live.next(&mut budget(), false, at(10)), Next::At(at(4000)));
    live.failed(&open, true, at(4000));
    assert_eq!(live.next(&mut budget(), false, at(60_000)), Next::Rest);
}

#[test]
fn nothing_is_shown_while_telegram_wants_a_pause() {
    let live = live(StreamMode::Auto, Vec::new());
    let mut budget = budget();
    budget.pause(Duration::from_secs(9), at(100));
    assert_eq!(live.next(&mut budget, true, at(200)), Next::At(at(9100)));
    live.push("A first sentence. And more", at(300));
    assert_eq!(live.next(&mut budget, false, at(5000)), Next::At(at(9100)));
}

#[test]
fn a_draft_with_text_follows_the_text() {
    let live = live(StreamMode::Draft, Vec::new());
    live.showed(&Sight::Draft(Formatted::default()), None, at(200));
    live.push("A first sentence. And", at(500));
    assert_eq!(live.next(&mut budget(), true, at(600)), Next::At(at(1200)));
    let Next::Do(draft @ Sight::Draft(_)) = live.next(&mut budget(), true, at(1200)) else { panic!("draft") };
    let Sight::Draft(shown) = &draft else { unreachable!() };
    assert_eq!(shown.text, format!("A first sentence. And{CURSOR}"));
    live.showed(&draft, None, at(1200));
    assert_eq!(live.next(&mut budget(), true, at(1300)), Next::At(at(21_200)));
}

#[test]
fn what_goes_on_begins_with_its_head() {
    let head = Head::of("continued", "```rust\nfn main() {");
    let target = live(StreamMode::Edit, Vec::new()).target;
    let live = Live::new(target, StreamMode::Edit, Vec::new(), head, T0);
    assert_eq!(live.next(&mut budget(), false, T0), Next::At(at(200)), "the head alone is nothing to show");
    live.push("println!(\"A sentence, long enough to be opened\");", T0);
    let Next::Do(Sight::Open(view)) = live.next(&mut budget(), false, T0) else { panic!("open") };
    assert!(view.shown.text.starts_with("continued\n"), "{}", view.shown.text);
    assert_eq!(view.shown.entities[0]["type"], "pre");
}
