//! What the bot would send, before the Telegram of the sandbox: it was written apart from the bot, so neither
//! excuses the other.

use proptest::prelude::{Strategy, prop, proptest};
use serde_json::Value;

use crate::sandbox::telegram::objection;
use crate::telegram::{Entity, Limits, render_answer, render_growing};

const ANSWERS: [&str; 4] = [
    include_str!("../../telegram/markdown/tests/golden/en-debug.md"),
    include_str!("../../telegram/markdown/tests/golden/zh-history.md"),
    include_str!("../../telegram/markdown/tests/golden/zh-ownership.md"),
    include_str!("../../telegram/markdown/tests/golden/zh-travel.md"),
];

fn markup() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "字",
        "😀",
        "e\u{301}",
        "**",
        "*",
        "***",
        "_",
        "__",
        "`",
        "~~",
        "- ",
        "1. ",
        "# ",
        "> ",
        "\n",
        "\n\n",
        " ",
        "|",
        "|-|-|\n",
        "[",
        "](https://a.b)",
        "]",
        "<b>",
        "：",
        "。",
        "\n```py\n",
        "    ",
        "$",
        "x^2",
        "\\",
        "\t",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

fn assert_taken(markdown: &str, limits: Limits) {
    let finished = render_answer(markdown, limits).parts;
    for part in finished.into_iter().chain(render_growing(markdown, limits)) {
        let entities: Vec<Value> = part.entities.iter().map(Entity::to_value).collect();
        assert_eq!(objection(&part.text, &Value::Array(entities)), None, "{:?} of {markdown:?}", part.text);
    }
}

#[test]
fn telegram_takes_real_answers_as_they_are() {
    for markdown in ANSWERS {
        for units in [200, 1000, 4000] {
            assert_taken(markdown, Limits { units, parts: usize::MAX, ..Limits::default() });
        }
    }
}

proptest! {
    #[test]
    fn telegram_takes_whatever_a_model_writes(markdown in markup(), units in 20usize..200) {
        assert_taken(&markdown, Limits { units, parts: usize::MAX, ..Limits::default() });
    }
}
