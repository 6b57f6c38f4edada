//! Those who wait far behind, of whom the daemon keeps little more than their place: whatever may happen to somebody who
//! waits happens to them as well.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use svs::sandbox::gemini::{Answer, SentMedia};
use svs::sandbox::telegram::{ChatSpec, Media, SeenMessage, User};

use crate::support::{Daemon, World, code, stderr, turns};

/// Five are answered at once, and 64 of those who wait are at hand.
const PEOPLE: i64 = 84;

fn person(n: i64) -> User {
    User::new(20_000 + n, "Gus").language("en")
}

/// A group of this person's own: who is met in a group is a guest.
fn group(n: i64) -> ChatSpec {
    ChatSpec::supergroup(-1_002_000_000_000 - n, "friends")
}

fn question(n: i64) -> String {
    format!("what of {n}?")
}

fn say(world: &World, n: i64) -> i64 {
    world.sandbox().telegram().say(&person(n), &group(n), &format!("/ask {}", question(n)))
}

fn said_to(world: &World, n: i64) -> Vec<SeenMessage> {
    world.sandbox().telegram().answers(group(n).chat_id(&person(n)))
}

/// What Gemini was asked, in order: only the latest question of each request.
fn asked(world: &World) -> Vec<String> {
    let calls = world.sandbox().gemini().generations();
    calls.iter().filter_map(|call| turns(call).pop()).map(|(_, text)| text).collect()
}

fn status(world: &World) -> Value {
    serde_json::from_slice(&world.output(&["status", "--json"]).stdout).unwrap_or_default()
}

fn queue(world: &World) -> u64 {
    status(world)["queue"].as_u64().unwrap_or_default()
}

fn run(world: &World, arguments: &[&str]) {
    let output = world.output(arguments);
    assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
}

/// Guests have the five keys of D, each of which serves them every `cooldown`, and so many questions an hour.
fn start(world: &World, cooldown: &str, per_hour: &str) -> Daemon {
    start_with(world, cooldown, &[("SVS_ROLES_GUEST_PER_HOUR", per_hour)])
}

fn start_with(world: &World, cooldown: &str, more: &[(&str, &str)]) -> Daemon {
    let line = [("SVS_LIMITS_COOLDOWN", cooldown), ("SVS_ROUTER_MAX_WAIT", "1h")];
    world.start_unlimited_with(&[&line, more].concat())
}

/// The latest message, if it says that they are in line: how many stand up to here, this one included.
fn place(world: &World, n: i64) -> Option<usize> {
    let last = said_to(world, n).pop()?;
    last.text.strip_prefix("Still working, ")?.split(' ').next()?.parse().ok()
}

/// Presses a button of the first row.
fn press(world: &World, n: i64, message: &SeenMessage, nth: usize) {
    let data = message.markup["inline_keyboard"][0][nth]["callback_data"].as_str().expect("data");
    world.sandbox().telegram().press(&person(n), message.chat_id, message.message_id, data);
}

/// Everybody asks; all but the first few wait.
fn crowd(world: &World) {
    crowd_of(world, 70);
}

fn crowd_of(world: &World, least: u64) {
    world.sandbox().gemini().answer(Answer::Echo);
    for n in 1..=PEOPLE {
        say(world, n);
    }
    world.wait("everybody in the line", || queue(world) >= least);
}

#[test]
fn whoever_waits_far_behind_is_answered_once_and_in_turn() {
    let world = World::new();
    let _daemon = start(&world, "1s", "off");
    crowd(&world);
    // One of the last changes their mind, another asks for more behind it.
    let telegram = world.sandbox().telegram();
    let (changed, more) = (PEOPLE - 1, PEOPLE - 2);
    let seen = telegram.messages(group(changed).chat_id(&person(changed)));
    telegram.edit(group(changed).chat_id(&person(changed)), seen[0].message_id, "/ask something else?");
    telegram.say(&person(more), &group(more), "/ask and more?");
    world.wait_for("all answers", Duration::from_mins(1), || asked(&world).len() as i64 > PEOPLE);

    let asked = asked(&world);
    let count = |text: &str| asked.iter().filter(|asked| *asked == text).count();
    for n in (1..=PEOPLE).filter(|n| *n != changed) {
        assert_eq!(count(&question(n)), 1, "{n} is asked once");
    }
    assert_eq!((count(&question(changed)), count("something else?")), (0, 1));
    let nth = |text: &str| asked.iter().position(|asked| asked == text).expect("asked");
    for (came, n) in (1..more).enumerate() {
        assert!(nth(&question(n)).abs_diff(came) <= 6, "{n} was served as {}", nth(&question(n)));
    }
    assert!(nth(&question(more)) < nth("and more?"), "a conversation keeps its order");
    world.wait("in is out", || status(&world)["updates_24h"]["pending"] == 0);
    for n in 1..=PEOPLE {
        let texts =
            || -> Vec<String> { said_to(&world, n).into_iter().map(|message| message.text).collect() };
        let said = if n == more { 2 } else { 1 };
        world.wait("the answers", || texts().iter().filter(|text| text.ends_with('?')).count() == said);
        assert_eq!(texts().len(), said, "{n} was told something else: {:?}", texts());
    }
}

#[test]
fn a_stop_a_ban_and_another_role_reach_those_who_wait_far_behind() {
    let world = World::new();
    let _daemon = start(&world, "29s", "1");
    crowd(&world);
    let telegram = world.sandbox().telegram();
    let waiting = queue(&world);
    let (stopped, banned, raised, told, forgotten) = (PEOPLE, PEOPLE - 1, PEOPLE - 2, PEOPLE - 3, PEOPLE - 4);

    // Without a word before: the line is long, and nobody was told yet.
    run(&world, &["users", "role", &person(raised).id.to_string(), "premium", "--no-notify"]);
    world.wait("the answer under the new role", || asked(&world).contains(&question(raised)));
    let key = world.sandbox().gemini().generations().pop().expect("a request").key.to_string();
    assert!(key.starts_with('B'), "the home of premium, not {key}");

    let in_line = |n: i64| {
        let seen = said_to(&world, n);
        seen.last().filter(|last| last.text.starts_with("Still working, ")).cloned()
    };
    world.wait("everybody to be told", || {
        [stopped, banned, told, forgotten].iter().all(|n| in_line(*n).is_some())
    });
    let opened = in_line(stopped).expect("a message");
    assert!(place(&world, stopped).is_some_and(|place| (65..80).contains(&place)), "{}", opened.text);
    assert!(opened.text.contains(" min"), "the time is that of the line: {}", opened.text);
    press(&world, stopped, &opened, 0);
    world.wait("the stop", || {
        said_to(&world, stopped).last().is_some_and(|last| last.text.starts_with("⏹ Stopped"))
    });
    assert_eq!(said_to(&world, stopped).len(), 1, "in the place of the notice");

    run(&world, &["users", "ban", &person(banned).id.to_string()]);
    world.wait("the end of the banned one", || {
        said_to(&world, banned).last().is_some_and(|last| last.text.starts_with("⏹ Stopped"))
    });
    run(&world, &["users", "forget", &person(forgotten).id.to_string(), "--yes"]);
    world.wait("the end of the forgotten one", || {
        said_to(&world, forgotten).last().is_some_and(|last| last.text.starts_with("⏹ Stopped"))
    });
    world.wait("their places to be free", || queue(&world) == waiting - 4);
    // What is asked in other words gives its place up at once.
    let dropped = || status(&world)["updates_24h"]["dropped"]["edited"].as_u64().unwrap_or_default();
    let before = dropped();
    let asked_first = telegram.messages(group(told).chat_id(&person(told)))[0].message_id;
    telegram.edit(group(told).chat_id(&person(told)), asked_first, "/ask something else?");
    world.wait("the end of the first words", || dropped() == before + 1);
    assert!(![stopped, banned, forgotten].iter().any(|n| asked(&world).contains(&question(*n))));
    world.wait("the others to wait on", || in_line(told).is_some());
    // One question an hour is all a guest has: the stopped one took none.
    telegram.say(&person(stopped), &group(stopped), "/ask once more?");
    world.wait("another place in the line", || queue(&world) == waiting - 3);
}

#[test]
fn a_kill_while_many_wait_loses_nobody_and_answers_nobody_twice() {
    let world = World::new();
    let mut daemon = start(&world, "29s", "1");
    crowd(&world);
    world.wait("everybody to be told", || (1..=PEOPLE).all(|n| !said_to(&world, n).is_empty()));
    // What is opened in the very moment of a crash may stay behind.
    std::thread::sleep(Duration::from_millis(500));
    daemon.kill();
    let _daemon = start(&world, "300ms", "1");
    world.wait_for("all answers", Duration::from_mins(1), || asked(&world).len() as i64 >= PEOPLE);
    world.wait("in is out", || status(&world)["updates_24h"]["pending"] == 0);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for text in asked(&world) {
        *times.entry(text).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    for n in 1..=PEOPLE {
        world.wait("the answer", || said_to(&world, n).iter().any(|message| message.text == question(n)));
        assert_eq!(said_to(&world, n).len(), 1, "{n}: {:?}", said_to(&world, n));
    }
}

#[test]
fn a_kick_takes_the_rights_of_a_seat_from_whatever_waits_far_behind() {
    let world = World::new();
    let unlimited = [("SVS_ROLES_VIP_PER_HOUR", "off"), ("SVS_ROLES_PREMIUM_PER_HOUR", "off")];
    let _daemon = start_with(&world, "2s", &unlimited);
    world.sandbox().gemini().answer(Answer::Echo);
    let (telegram, vip) = (world.sandbox().telegram(), person(0));
    telegram.say(&vip, &group(0), "/ask first?");
    world.wait("the first answer", || asked(&world) == ["first?"]);
    run(&world, &["users", "role", &vip.id.to_string(), "vip", "--no-notify"]);
    // One person, who has a seat and asks in a hundred groups.
    let groups = 1..=100;
    for n in groups.clone() {
        telegram.say(&vip, &group(n), &format!("/ask {}", question(n)));
    }
    world.wait("many in the line", || queue(&world) >= 70);
    run(&world, &["vip", "kick", &vip.id.to_string(), "--yes"]);
    let before = asked(&world).len();
    let keys = |skip: usize| -> Vec<String> {
        let calls = world.sandbox().gemini().generations();
        calls.iter().skip(skip).map(|call| call.key.to_string()).collect()
    };
    assert!(keys(0).iter().any(|key| key.starts_with('A')), "a vip has the keys of A");
    world.wait_for("all answers", Duration::from_mins(1), || asked(&world).len() > 100);
    let after = keys(before);
    // What was on its way while the kick returned may be among them.
    let late = after.iter().filter(|key| key.starts_with('A')).count();
    assert!(after.len() >= 60 && late == 0, "{late} of {} with the rights of a seat", after.len());
    for n in groups {
        assert_eq!(asked(&world).iter().filter(|text| **text == question(n)).count(), 1, "{n} is asked once");
    }
    world.wait("in is out", || status(&world)["updates_24h"]["pending"] == 0);
}

#[test]
fn whoever_waits_far_behind_when_the_time_is_over_is_told_so() {
    let world = World::new();
    let _daemon = start_with(&world, "1s", &[("SVS_ROUTER_MAX_WAIT", "15s")]);
    crowd_of(&world, 66);
    let since = std::time::Instant::now();
    // Nobody could know that when they were let in.
    run(&world, &["keys", "disable", "D1", "D2", "D3", "D4", "D5"]);
    let answered = asked(&world).len();
    world.wait("nobody in the line", || queue(&world) == 0);
    assert!(since.elapsed() < Duration::from_secs(17), "{:?}", since.elapsed());
    world.wait("in is out", || status(&world)["updates_24h"]["pending"] == 0);
    let is_refusal =
        |message: &SeenMessage| !message.text.ends_with('?') && !message.text.starts_with("Still");
    let refused = (1..=PEOPLE).filter(|n| said_to(&world, *n).last().is_some_and(is_refusal)).count();
    assert!(refused >= 66 && asked(&world).len() <= answered + 5, "{refused} refused");
    for n in 1..=PEOPLE {
        world.wait("the last word", || !said_to(&world, n).is_empty() && place(&world, n).is_none());
        assert_eq!(said_to(&world, n).len(), 1, "{n}: {:?}", said_to(&world, n));
    }
}

#[test]
fn a_button_and_a_file_far_behind_are_what_they_were_when_their_turn_comes() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    let _daemon = start(&world, "1s", "off");
    gemini.answer(Answer::Text("One two three four.".to_owned()));
    gemini.fail("*=maxtokens@1").expect("a known fault");
    let (again, more, photo) = (PEOPLE + 1, PEOPLE + 2, PEOPLE + 3);
    say(&world, more);
    world.wait("what can be continued", || {
        said_to(&world, more).iter().any(|seen| seen.text.contains("limit"))
    });
    say(&world, again);
    world
        .wait("what can be asked again", || said_to(&world, again).iter().any(|seen| !seen.markup.is_null()));
    crowd(&world);
    press(&world, again, &said_to(&world, again)[0], 0);
    press(&world, more, &said_to(&world, more)[0], 0);
    let photos = [7, 8].map(|n| [b"\xff\xd8\xff\xe0\0\x10JFIF\0".as_slice(), &[n; 300]].concat());
    let album = photos.clone().map(|bytes| Media::photo(bytes, 1280, 960));
    world.sandbox().telegram().send_album(&person(photo), &group(photo), &album, "/ask what are they?");
    assert!(queue(&world) >= 66, "they stand far behind");
    world.wait_for("all answers", Duration::from_mins(1), || queue(&world) == 0);
    world.wait("in is out", || status(&world)["updates_24h"]["pending"] == 0);

    let calls = gemini.generations();
    let of = |text: &str| -> Vec<_> {
        calls.iter().filter(|call| turns(call).iter().any(|(_, said)| said == text)).collect()
    };
    assert_eq!(of(&question(again)).len(), 2, "asked, and asked again");
    let continued = of(&question(more));
    assert_eq!(continued.len(), 2, "asked, and continued");
    assert!(turns(continued[1]).iter().any(|(role, said)| role == "model" && said.starts_with("One two")));
    let seen: Vec<_> = calls.iter().filter(|call| !call.media.is_empty()).collect();
    assert_eq!(seen.len(), 1, "the album is asked about once");
    assert_eq!(seen[0].media, photos.map(|bytes| SentMedia::of("image/jpeg", &bytes)));
    for n in [again, more] {
        assert_eq!(said_to(&world, n).len(), 2, "{n}: {:?}", said_to(&world, n));
    }
    assert_eq!(said_to(&world, photo).len(), 1);
}
