//! Offsets, conflicts and kinds of updates.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::World;

fn ids(updates: &Value) -> Vec<i64> {
    updates["result"].as_array().unwrap().iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_offset_confirms_what_lies_before_it_and_nothing_else() {
    let world = World::start().await;
    let sent: Vec<i64> = (0..4).map(|n| world.say(&format!("m{n}"))).collect();
    assert_eq!(ids(&world.call("getUpdates", json!({})).await), sent);
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": sent[1], "limit": 2})).await), sent[1..3]);
    assert_eq!(world.sandbox.telegram().pending_updates(), 3);
    assert_eq!(world.sandbox.telegram().confirmed_offset(), sent[1]);
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": -1})).await), sent[3..]);
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": sent[3] + 1})).await), Vec::<i64>::new());
    assert!(world.sandbox.telegram().redeliver(sent[0]), "a replay comes although it was confirmed");
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": sent[3] + 2})).await), [sent[0]]);
    assert_eq!(world.sandbox.telegram().pending_updates(), 0, "and once only");
}

#[tokio::test]
async fn ids_may_jump_back_and_are_still_confirmed_by_their_number() {
    let world = World::start().await;
    let telegram = world.sandbox.telegram();
    for id in [900, 500, 700] {
        telegram.push_raw(json!({"update_id": id, "message": {"text": "raw"}}));
    }
    assert_eq!(ids(&world.call("getUpdates", json!({})).await), [900, 500, 700]);
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": 701})).await), [900]);
    assert_eq!(ids(&world.call("getUpdates", json!({"offset": 901})).await), Vec::<i64>::new());
}

#[tokio::test]
async fn a_long_poll_waits_for_the_first_update() {
    let world = World::start().await;
    let started = Instant::now();
    let (updates, _) = tokio::join!(world.call("getUpdates", json!({"timeout": 30})), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.say("late")
    });
    assert_eq!(updates["result"][0]["message"]["text"], "late");
    assert!((100..2_000).contains(&started.elapsed().as_millis()));
    let started = Instant::now();
    let empty = world.call("getUpdates", json!({"timeout": 1, "offset": 200_000_000})).await;
    assert!(empty["result"] == json!([]) && started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_older_of_two_pollers_gets_the_conflict() {
    let world = World::start().await;
    let older = world.call("getUpdates", json!({"timeout": 20}));
    let newer = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let poll = world.call("getUpdates", json!({"timeout": 20}));
        let (updates, _) = tokio::join!(poll, async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            world.say("x")
        });
        updates
    };
    let (older, newer) = tokio::join!(older, newer);
    assert_eq!(older["error_code"], 409);
    assert!(
        older["description"]
            .as_str()
            .unwrap()
            .starts_with("Conflict: terminated by other getUpdates request")
    );
    assert_eq!(ids(&newer).len(), 1);
    world.call("setWebhook", json!({"url": "https://example.org/hook"})).await;
    assert_eq!(world.call("getWebhookInfo", json!({})).await["result"]["url"], "https://example.org/hook");
    let refused = world.refusal("getUpdates", json!({})).await;
    assert!(
        refused.starts_with("Conflict: can't use getUpdates method while webhook is active"),
        "{refused}"
    );
    assert!(world.refusal("setWebhook", json!({"url": "http://example.org"})).await.contains("HTTPS"));
    world.call("deleteWebhook", json!({"drop_pending_updates": true})).await;
    assert_eq!(ids(&world.call("getUpdates", json!({})).await), Vec::<i64>::new());
}

#[tokio::test]
async fn the_kinds_asked_for_last_stay_in_force() {
    let world = World::start().await;
    world.call("getUpdates", json!({"allowed_updates": ["message"]})).await;
    world.say("one");
    world.sandbox.telegram().edit(42, 2, "two");
    assert_eq!(ids(&world.call("getUpdates", json!({})).await).len(), 1, "edits were not asked for");
    world.say("two");
    world.call("getUpdates", json!({"allowed_updates": "[\"edited_message\"]"})).await;
    world.sandbox.telegram().edit(42, 2, "three");
    let again = world.call("getUpdates", json!({})).await;
    assert_eq!(ids(&again).len(), 1, "the same offset within half a second gives one at a time");
    let updates = world.call("getUpdates", json!({"offset": -1})).await;
    assert_eq!(updates["result"][0]["edited_message"]["text"], "three");
}
