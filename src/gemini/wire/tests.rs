//! What is sent, to the letter, and that nothing read can panic.

use proptest::prelude::{Just, Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::json;

use super::*;

fn turn(speaker: Speaker, text: &str) -> Turn {
    Turn { speaker, text: text.to_owned() }
}

fn sent(prompt: &Prompt, defaults: Defaults<'_>) -> Option<Value> {
    request_body(prompt, defaults)
        .map(|body| serde_json::from_slice(&body.whole()).expect("what svs sends is JSON"))
}

#[test]
fn a_bare_prompt_sends_only_its_contents() {
    let prompt = Prompt { turns: vec![turn(Speaker::User, "Hi")], ..Prompt::default() };
    let expected = json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]});
    assert_eq!(sent(&prompt, Defaults::default()), Some(expected));
}

#[test]
fn everything_that_is_set_is_sent_where_google_reads_it() {
    let safety = [("HARM_CATEGORY_HARASSMENT".to_owned(), "BLOCK_ONLY_HIGH".to_owned())];
    let prompt = Prompt {
        system: Some("Be brief.".to_owned()),
        turns: vec![turn(Speaker::User, "a"), turn(Speaker::Model, "b"), turn(Speaker::User, "c")],
        attachments: vec![],
        quote: None,
        continuation: None,
        max_output_tokens: None,
        temperature: Some(0.5),
        schema: Some(json!({"type": "object"})),
        less_thinking: false,
    };
    let defaults = Defaults {
        safety: &safety,
        thinking: Some(Thinking::Level("low")),
        max_output_tokens: Some(4096),
        temperature: Some(1.5),
        pictures: false,
    };
    let expected = json!({
        "contents": [
            {"role": "user", "parts": [{"text": "a"}]},
            {"role": "model", "parts": [{"text": "b"}]},
            {"role": "user", "parts": [{"text": "c"}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}],
        "generationConfig": {
            "maxOutputTokens": 4096,
            "temperature": 0.5,
            "thinkingConfig": {"thinkingLevel": "low"},
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object"},
        },
    });
    assert_eq!(sent(&prompt, defaults), Some(expected));
}

#[test]
fn a_level_goes_to_3_x_and_a_budget_to_2_5_and_never_both() {
    let level = |word| Some(Thinking::Level(word));
    let budget = |tokens| Some(Thinking::Budget(tokens));
    let cases = [
        ("gemini-3.8-flash", Some("high"), false, level("high")),
        ("gemini-3.8-flash", None, false, None),
        ("gemini-3.8-flash", Some("high"), true, level("low")),
        ("gemini-3.8-flash", None, true, level("low")),
        ("gemini-3.8-flash", Some("low"), true, level("minimal")),
        ("gemini-3.8-flash", Some("huge"), false, None),
        ("gemini-3.1-pro-preview", Some("medium"), false, level("medium")),
        ("gemini-4-argon", Some("minimal"), false, level("minimal")),
        ("gemini-flash-latest", Some("low"), false, level("low")),
        ("gemini-2.5-flash-lite", Some("minimal"), false, budget(512)),
        ("gemini-2.5-pro", Some("low"), false, budget(1024)),
        ("gemini-2.5-flash", Some("medium"), false, budget(8192)),
        ("gemini-2.5-flash", Some("high"), false, budget(24_576)),
        ("gemini-2.5-flash", Some("high"), true, budget(1024)),
        ("gemini-2.0-flash", Some("high"), true, None),
        ("gemma-4-31b-it", Some("high"), false, None),
    ];
    for (id, configured, less, expected) in cases {
        assert_eq!(Thinking::of_model(id, configured, less), expected, "{id} {configured:?} {less}");
    }
    assert_eq!(serde_json::to_value(Thinking::Budget(512)).ok(), Some(json!({"thinkingBudget": 512})));
}

#[test]
fn a_prompt_without_a_question_is_not_sent() {
    for turns in [vec![], vec![turn(Speaker::Model, "b")], vec![turn(Speaker::User, " \n")]] {
        assert!(request_body(&Prompt { turns, ..Prompt::default() }, Defaults::default()).is_none());
    }
}

fn file(bytes: &'static [u8], name: Option<&str>) -> Attachment {
    Attachment::read(bytes::Bytes::from_static(bytes), name, None).expect("a kind that is read")
}

#[test]
fn files_stand_before_the_words_of_the_question_they_belong_to() {
    let picture = || file(b"\x89PNG\r\n\x1a\n", Some("a.png"));
    let inline = json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}});
    let prompt = Prompt {
        turns: vec![turn(Speaker::User, "a"), turn(Speaker::Model, "b"), turn(Speaker::User, "what is it?")],
        attachments: vec![picture(), file(b"fn main() {}", Some("main.rs")), file(b"x", None), picture()],
        ..Prompt::default()
    };
    let question =
        json!([inline, {"text": "main.rs:\n\nfn main() {}"}, {"text": "x"}, inline, {"text": "what is it?"}]);
    let body = sent(&prompt, Defaults::default()).expect("a question");
    assert_eq!(body["contents"][2], json!({"role": "user", "parts": question}));
    assert_eq!(body["contents"].as_array().map(Vec::len), Some(3));
    // A voice message has no words; what was said before stays what it was.
    for turns in
        [vec![], vec![turn(Speaker::User, " ")], vec![turn(Speaker::User, "a"), turn(Speaker::Model, "b")]]
    {
        let said = turns.iter().filter(|turn| !turn.text.trim().is_empty()).count();
        let prompt = Prompt { turns, attachments: vec![picture()], ..Prompt::default() };
        let body = sent(&prompt, Defaults::default()).expect("a question");
        assert_eq!(body["contents"][said], json!({"role": "user", "parts": [inline]}));
    }
}

#[test]
fn pictures_are_asked_for_by_their_modality() {
    let prompt = Prompt { turns: vec![turn(Speaker::User, "a cat")], ..Prompt::default() };
    let body = sent(&prompt, Defaults { pictures: true, ..Defaults::default() }).expect("a question");
    assert_eq!(body["generationConfig"], json!({"responseModalities": ["TEXT", "IMAGE"]}));
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    let cases = [
        (r#""\ud83c\udf88""#, Some("🎈")),
        (r#""\ud83c""#, Some("\u{fffd}")),
        (r#""\udf88 x \u00fc""#, Some("\u{fffd} x ü")),
        (r#""\ud83c\ud83c\udf88""#, Some("\u{fffd}🎈")),
        (r#""\\ud83c \ud83c\\""#, Some("\\ud83c \u{fffd}\\")),
        (r#""\ud83c\n""#, Some("\u{fffd}\n")),
        (r#""\ud8""#, None),
        (r#""\u"#, None),
        ("\"\\ud83c \\", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text), expected.map(|text| Value::String(text.to_owned())), "{text}");
    }
}

#[test]
fn token_counts_of_any_kind_are_read_or_passed_over() {
    let mut usage = Usage { prompt: 5, output: 1, thoughts: 2 };
    usage.update(&json!({"promptTokenCount": "12", "candidatesTokenCount": -3, "thoughtsTokenCount": 9e99}));
    assert_eq!(usage, Usage { prompt: 12, output: 1, thoughts: 2 });
    usage.update(&json!({"candidatesTokenCount": 99_999_999_999_u64}));
    assert_eq!((usage.output, usage.total()), (u32::MAX, u32::MAX));
    usage.update(&json!([]));
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let speaker = prop_oneof![Just(Speaker::User), Just(Speaker::Model)];
    prop::collection::vec(
        (speaker, "[ a\u{fc}\n]{0,3}").prop_map(|(speaker, text)| Turn { speaker, text }),
        0..12,
    )
}

proptest! {
    #[test]
    fn roles_alternate_and_the_user_speaks_first_and_last(turns in turns()) {
        let asks = Prompt { turns: turns.clone(), ..Prompt::default() };
        if let Some(body) = sent(&asks, Defaults::default()) {
            let contents = body["contents"].as_array().expect("an array");
            let roles: Vec<_> = contents.iter().map(|content| content["role"].as_str()).collect();
            prop_assert_eq!(roles.len() % 2, 1);
            for (at, role) in roles.iter().enumerate() {
                prop_assert_eq!(*role, Some(if at % 2 == 0 { "user" } else { "model" }));
            }
            let parts = contents.iter().flat_map(|content| content["parts"].as_array().expect("an array"));
            prop_assert!(parts.into_iter().all(|part| !part["text"].as_str().unwrap_or_default().trim().is_empty()));
        } else {
            prop_assert!(!turns.iter().any(|turn| turn.speaker == Speaker::User && !turn.text.trim().is_empty()));
        }
    }

    #[test]
    fn no_escapes_make_the_parser_panic(text in r#"(\\|u|d|8|3|c|"|ü|\\ud83c|\\udf88){0,24}"#) {
        parse(&format!("\"{text}\""));
        parse(&text);
        let repaired = replace_lone_surrogates(&text);
        prop_assert_eq!(replace_lone_surrogates(&repaired), repaired);
    }

    #[test]
    fn no_json_makes_a_chunk_panic(name in prop::sample::select(vec!["candidates", "promptFeedback", "usageMetadata", "error"]), number in any::<i64>()) {
        for inner in [json!(number), json!(null), json!([number]), json!([null]), json!({"content": number}), json!([{"content": {"parts": number}, "finishReason": number}]), json!("x")] {
            let value = json!({ name: inner });
            let chunk = Chunk(&value);
            let _ = (chunk.is_answer(), chunk.is_error(), chunk.finish_reason(), chunk.block_reason());
            prop_assert_eq!(chunk.parts().count(), 0);
        }
    }
}
