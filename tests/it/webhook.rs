//! `svs webhook`: seen, and deleted only when that was meant.

use serde_json::Value;

use crate::support::{World, code, stderr, stdout};

/// Sets a webhook, as another program with the same token would.
fn set_webhook(world: &World) {
    let environment = world.sandbox().environment();
    let token = environment.iter().find(|row| row.0 == "TELEGRAM_BOT_SVSKILO_TOKEN").expect("set").1.clone();
    let url =
        format!("{}/bot{token}/setWebhook?url=https://example.org/hook", world.sandbox().telegram_url());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answer = runtime.block_on(reqwest::get(url)).expect("it answers");
    assert!(answer.status().is_success());
}

fn url(world: &World) -> Value {
    let output = world.output(&["webhook", "info", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    json["url"].clone()
}

#[test]
fn a_webhook_is_shown_and_deleted_with_yes_only() {
    let world = World::new();
    let output = world.output(&["webhook", "info"]);
    assert_eq!((code(output.status).as_str(), stdout(&output).as_str()), ("0", "no webhook is set\n"));
    set_webhook(&world);
    let output = world.output(&["webhook", "info"]);
    assert_eq!(stdout(&output), "https://example.org/hook\n");
    assert!(stderr(&output).contains("svs webhook delete"), "{}", stderr(&output));

    let refused = world.output(&["webhook", "delete"]);
    assert_eq!(code(refused.status), "64");
    assert!(stderr(&refused).contains("--yes"));
    assert_eq!(url(&world), "https://example.org/hook");

    let deleted = world.output(&["webhook", "delete", "--yes"]);
    assert_eq!(stdout(&deleted), "deleted the webhook https://example.org/hook\n", "{}", stderr(&deleted));
    assert_eq!(url(&world), Value::Null);
    let again = world.output(&["webhook", "delete", "--yes"]);
    assert_eq!((code(again.status).as_str(), stdout(&again).as_str()), ("0", "no webhook is set\n"));
}

#[test]
fn waiting_updates_are_dropped_only_when_that_was_said() {
    let world = World::new();
    let telegram = world.sandbox().telegram();
    telegram.say(&crate::support::english(), &svs::sandbox::telegram::ChatSpec::Private, "hello?");
    set_webhook(&world);
    world.output(&["webhook", "delete", "--yes"]);
    assert_eq!(telegram.pending_updates(), 1);
    let dropped = world.output(&["webhook", "delete", "--yes", "--drop-pending", "--json"]);
    let json: Value = serde_json::from_slice(&dropped.stdout).expect("JSON");
    assert_eq!((json["dropped_updates"].as_u64(), telegram.pending_updates()), (Some(1), 0));
}

#[test]
fn a_wrong_token_and_an_absent_telegram_have_codes_of_their_own() {
    let world = World::new();
    let wrong = "7000000001:AAwrongwrongwrongwrongwrongwrongwro";
    let output =
        world.svs(&["webhook", "info"]).env("TELEGRAM_BOT_SVSKILO_TOKEN", wrong).output().expect("it starts");
    assert_eq!(code(output.status), "78", "{}", stderr(&output));
    assert!(!stderr(&output).contains("wrongwrong"), "{}", stderr(&output));
    let output = world
        .svs(&["webhook", "info"])
        .env("SVS_TELEGRAM_API_URL", "http://127.0.0.1:9")
        .output()
        .expect("it starts");
    assert_eq!(code(output.status), "69", "{}", stderr(&output));
    let output = crate::support::bare_svs(&["webhook", "info"]).output().expect("it starts");
    assert_eq!(code(output.status), "78", "{}", stderr(&output));
}
