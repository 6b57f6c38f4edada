//! In = out: every update ends in an answer or a refusal with a reason, or is dropped by a rule that has a name; the
//! daemon's own count, the fake Telegram's log and usage all say the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{World, code, stderr, stdout};

const PEOPLE: i64 = 40;

fn person(n: i64) -> User {
    User::new(7000 + n, "P").language("en")
}

fn json_of(world: &World, arguments: &[&str]) -> Value {
    let output = world.output(arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", stderr(&output)))
}

fn sum(counts: &Value) -> u64 {
    counts.as_object().expect("an object").values().filter_map(Value::as_u64).sum()
}

#[test]
fn what_came_in_is_what_was_answered_refused_or_dropped() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start(&[
        ("SVS_LIMITS_COOLDOWN", "1ms"),
        ("SVS_LIMITS_FLASH_LITE_RPM", "10000"),
        ("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "1000000"),
        ("SVS_LIMITS_FLASH_RPM", "10000"),
        ("SVS_LIMITS_FLASH_DAILY_LIMIT", "1000000"),
        ("SVS_ROLES_GUEST_PER_HOUR", "2"),
    ]);
    let telegram = world.sandbox().telegram();
    let mut sent: BTreeSet<i64> = BTreeSet::new();
    let mut asked = Vec::new();
    for who in (0..PEOPLE).map(person) {
        asked.push(telegram.say(&who, &ChatSpec::Private, "the first thing"));
        asked.push(telegram.say(&who, &ChatSpec::Private, "another thing"));
    }
    world.wait("the answers", || {
        (0..PEOPLE).all(|n| {
            let seen = telegram.answers(7000 + n);
            // Below an answer may stand which group served.
            let first_lines = seen.iter().filter_map(|message| message.text.lines().next());
            first_lines.eq(["the first thing", "another thing"])
        })
    });
    sent.extend(&asked);
    // A stranger in a group has two questions an hour; the third is refused and says why.
    let group = ChatSpec::supergroup(-1_001_000_000_777, "group");
    let stranger = User::new(7900, "S").language("en");
    for n in 1..=3 {
        sent.insert(telegram.say(&stranger, &group, &format!("/ask about {n}")));
        world.answers(group.chat_id(&stranger), n);
    }
    for (n, who) in (0..PEOPLE).map(|n| (n, person(n))) {
        let command = ["/help", "/status", "/nonsense", "/lang en"][n as usize % 4];
        sent.insert(telegram.say(&who, &ChatSpec::Private, command));
        sent.insert(if n % 2 == 0 {
            telegram.say_file(&who, &ChatSpec::Private, "notes.pdf", "application/pdf", vec![0; 9])
        } else {
            let sticker = json!({"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1,
                "height": 1, "is_animated": false, "is_video": false});
            telegram.say_with(&who, &ChatSpec::Private, "", json!({"sticker": sticker}))
        });
        let messages = telegram.messages(who.id);
        sent.insert(telegram.edit(who.id, messages[0].message_id, "the first thing, edited"));
        let under = messages.iter().find(|message| message.from_bot).expect("an answer").message_id;
        sent.insert(telegram.press(&who, who.id, under, "b:999999:0").0);
        assert!(telegram.redeliver(asked[n as usize]), "known");
    }
    for who in (0..4).map(person) {
        let member = json!({"chat": {"id": who.id, "type": "private"}, "from": {"id": who.id, "is_bot": false,
            "first_name": "P"}, "date": 0});
        sent.insert(telegram.push_raw(json!({"my_chat_member": member})));
    }
    assert!(sent.len() >= 200 && !sent.contains(&0), "{}", sent.len());

    let mut status = Value::Null;
    world.wait("the end of every update", || {
        status = json_of(&world, &["status", "--json"]);
        let updates = &status["updates_24h"];
        updates["received"].as_u64() == Some(sent.len() as u64) && updates["pending"].as_u64() == Some(0)
    });
    let updates = &status["updates_24h"];
    let (answered, refused) = (updates["answered"].as_u64().expect("a number"), sum(&updates["refused"]));
    assert_eq!(answered + refused + sum(&updates["dropped"]), sent.len() as u64, "{updates}");
    let people = PEOPLE as u64;
    assert_eq!(
        updates["refused"],
        json!({"unsupported": people / 2, "file_unsupported": people / 2, "button_gone": people, "hour_cap": 1}),
        "{updates}"
    );
    assert_eq!(updates["dropped"], json!({"edited": people, "membership": 4}));
    assert_eq!(answered, 2 * people + 2 + people, "{updates}");

    // The same from the other side: everything answered or refused can be seen there.
    world.wait("everything said", || json_of(&world, &["status", "--json"])["outbox"].as_u64() == Some(0));
    let chats = (0..PEOPLE).map(|n| 7000 + n).chain([group.chat_id(&stranger)]);
    let messages: usize = chats.map(|chat| telegram.answers(chat).len()).sum();
    let spinners = telegram.calls().iter().filter(|call| call.method == "answerCallbackQuery").count();
    assert_eq!((messages + spinners) as u64, answered + refused, "seen by people");

    let nagios = stdout(&world.output(&["status", "-o", "nagios"]));
    assert!(nagios.contains(&format!(" received_24h={} ", sent.len())), "{nagios}");
    let table = stdout(&world.output(&["status"]));
    let line = format!("{} in 24h = {answered} answered + {refused} refused + ", sent.len());
    assert!(table.contains(&line), "{table}");

    // Usage knows the same people, and whom it turned away.
    let usage = json_of(&world, &["usage", "--by", "user", "--json"]);
    let rows = usage["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), PEOPLE as usize + 1, "{usage}");
    assert_eq!(usage["total"]["requests"].as_u64(), Some(2 * people + 2));
    assert_eq!(usage["total"]["answered"], usage["total"]["requests"]);
    let stranger = rows.iter().find(|row| row["name"] == "7900").expect("the stranger");
    assert_eq!((stranger["requests"].as_u64(), stranger["turned_away"].as_u64()), (Some(2), Some(1)));
    for (by, names) in [("role", "normal"), ("model", "flash-lite"), ("key", "C"), ("day", "20")] {
        let usage = json_of(&world, &["usage", "--by", by, "--json"]);
        let rows = usage["rows"].as_array().expect("rows");
        let is_named = |row: &Value| row["name"].as_str().is_some_and(|name| name.starts_with(names));
        assert!(rows.iter().any(is_named), "{usage}");
        for field in ["requests", "answered", "sends", "tokens"] {
            let total: u64 = rows.iter().filter_map(|row| row[field].as_u64()).sum();
            assert_eq!(Some(total), usage["total"][field].as_u64(), "{by} {field}: {usage}");
        }
        let sends = usage["total"]["sends"].as_u64();
        assert_eq!(sends, Some(world.sandbox().gemini().generations().len() as u64), "{usage}");
    }
    let csv = world.output(&["usage", "--by", "key", "--since", "40d", "-o", "csv"]);
    assert_eq!(code(csv.status), "0", "{}", stderr(&csv));
    assert!(stdout(&csv).starts_with("name,label,requests,answered,refused,failed,"), "{}", stdout(&csv));
    let long = stderr(&world.output(&["usage", "--since", "40d"]));
    assert!(long.contains("only the last 7d are kept") && long.contains("Los Angeles"), "{long}");
}
