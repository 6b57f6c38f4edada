//! What a person reads when less served than was wished: one line below the answer, in their language, with the reason.

use serde_json::{Value, json};
use svs::sandbox::gemini::Answer;

use crate::support::{World, chinese, english, owner, stderr, stdout};

/// A task, so that flash is wished for.
const TASK: &str = "Translate to French: good morning";

#[test]
fn a_group_without_a_key_is_named_with_the_one_that_served() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("42".to_owned()));
    world.sandbox().gemini().fail("C=403leaked").expect("known faults");
    let _daemon = world.run();
    let seen = world.ask(&chinese(), "你好", 1);
    assert_eq!(seen[0].text, "42\n\nC 组暂无可用密钥，这次由 D 组回答。");
    let seen = world.ask(&english(), "hello", 1);
    assert_eq!(seen[0].text, "42\n\nGroup C has no working key; answered by group D.");
    // The last resort.
    world.sandbox().gemini().fail("C=403leaked,D=403leaked").expect("known faults");
    let seen = world.ask(&chinese(), "再见", 2);
    assert_eq!(seen[1].text, "42\n\nC 组暂无可用密钥，这次由备用密钥回答。");
}

#[test]
fn a_lower_model_is_named_with_the_reason() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("Bonjour".to_owned()));
    world.sandbox().gemini().fail("*:flash=limit0").expect("known faults");
    let _daemon = world.start_unlimited();
    let seen = world.ask(&chinese(), TASK, 1);
    assert_eq!(seen[0].text, "Bonjour\n\nFlash 在 Google 那边暂不可用，这次用 Flash-Lite 回答。");
    let seen = world.ask(&english(), TASK, 1);
    assert_eq!(
        seen[0].text,
        "Bonjour\n\nFlash isn't available from Google right now; answered with Flash-Lite."
    );
    // A lower model and another group are one line all the same.
    world.sandbox().gemini().fail("*:flash=limit0,C=403leaked").expect("known faults");
    let seen = world.ask(&english(), &format!("{TASK} again"), 2);
    let line = seen[1].text.strip_prefix("Bonjour\n\n").expect("the answer stands first");
    assert!(line.ends_with("; answered with Flash-Lite by group D.") && line.lines().count() == 1, "{line}");
}

#[test]
fn a_spent_budget_is_told_in_chat_and_in_the_shell() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("Bonjour".to_owned()));
    // One key with one flash a day; the owner has no line to keep to.
    let one_key = ["GROUP_B_KEYS", "GROUP_C_KEYS", "GROUP_D_KEYS", "ROUTER_KEY_A", "ROUTER_KEY_B"];
    let limits = [("SVS_LIMITS_COOLDOWN", "1ms"), ("SVS_LIMITS_FLASH_DAILY_LIMIT", "4")];
    let first_key = world.sandbox().environment().into_iter().find(|(name, _)| name == "GROUP_A_KEYS");
    let first_key = first_key.expect("group A").1.split(',').next().expect("a key").to_owned();
    let variables: Vec<(&str, &str)> = one_key
        .into_iter()
        .map(|name| (name, ""))
        .chain(limits)
        .chain([("GROUP_A_KEYS", first_key.as_str())])
        .collect();
    let _daemon = world.start(&variables);
    assert_eq!(world.ask(&owner(), TASK, 1)[0].text, "Bonjour", "wished and served");
    let seen = world.ask(&owner(), &format!("{TASK} again"), 2);
    assert_eq!(seen[1].text, "Bonjour\n\nFlash is used up today; answered with Flash-Lite.");

    let output = world.output(&["ask", "--role", "owner", "-m", "flash", "again"]);
    assert_eq!(stdout(&output), "Bonjour\n");
    assert!(
        stderr(&output).contains("answered by flash-lite: flash is spent today\n"),
        "{}",
        stderr(&output)
    );
    let output = world.output(&["ask", "--json", "--role", "owner", "-m", "flash", "and again"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let notice = json!({"notice": "degraded", "wished": "flash", "served": "flash-lite", "why": "spent"});
    assert_eq!(answer["notices"], json!([notice]));
}
