//! What the fake model says: a plausible answer that quotes the question and names what it saw, or what a test asks.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::check::field;
use super::media::{self, SentMedia};

/// A question as the server saw it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The label of the key.
    pub key: Arc<str>,
    /// The model id.
    pub model: Arc<str>,
    /// The text of the last turn.
    pub question: String,
    /// Finished rounds before it: turns of the model.
    pub rounds: usize,
    /// The files of the last turn.
    pub media: Vec<SentMedia>,
    /// The system instruction.
    pub system: Option<String>,
    /// The whole request body.
    pub body: Value,
    /// Whether a stream was asked for.
    pub stream: bool,
}

type Teller = dyn Fn(&Asked) -> String + Send + Sync;

/// What to answer.
#[derive(Clone, Default)]
pub enum Answer {
    /// A plausible text that quotes the question, and says how many rounds it saw and which model it is.
    #[default]
    Plausible,
    /// This text.
    Text(String),
    /// Whole sentences, in paragraphs: at least so many characters.
    Long(usize),
    /// The question, as it came.
    Echo,
    /// Whatever this function says.
    With(Arc<Teller>),
}

impl Answer {
    /// An answer made by a function of the request.
    pub fn with(tell: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Answer {
        Answer::With(Arc::new(tell))
    }

    /// The text for `asked`.
    pub(super) fn text(&self, asked: &Asked) -> String {
        match self {
            Answer::Plausible => plausible(asked),
            Answer::Text(text) => text.clone(),
            Answer::Long(chars) => long(&asked.question, *chars),
            Answer::Echo => asked.question.clone(),
            Answer::With(tell) => tell(asked),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Plausible => f.write_str("Plausible"),
            Answer::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Answer::Long(chars) => f.debug_tuple("Long").field(chars).finish(),
            Answer::Echo => f.write_str("Echo"),
            Answer::With(_) => f.write_str("With(..)"),
        }
    }
}

/// Read the question out of a checked body.
pub(super) fn asked(body: Value, key: Arc<str>, model: Arc<str>, stream: bool) -> Asked {
    let contents = field(&body, "contents").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let question = contents.last().map(text_of).unwrap_or_default();
    let rounds = contents.iter().filter(|turn| turn["role"] == "model").count();
    let system = field(&body, "system_instruction").map(text_of).filter(|text| !text.is_empty());
    let media = contents.last().map(media::of_turn).unwrap_or_default();
    Asked { key, model, question, rounds, media, system, body, stream }
}

/// The text of all parts of a turn.
pub(super) fn text_of(content: &Value) -> String {
    let parts = content["parts"].as_array().map_or(&[][..], Vec::as_slice);
    parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
}

/// About as many tokens as the real counter finds: one per CJK character, one per four others.
pub(super) fn tokens(text: &str) -> u64 {
    let (wide, narrow) =
        text.chars().fold(
            (0_u64, 0_u64),
            |(wide, narrow), c| {
                if is_cjk(c) { (wide + 1, narrow) } else { (wide, narrow + 1) }
            },
        );
    wide + narrow.div_ceil(4)
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// A number that is the same for the same text in every run.
pub(super) fn stable_hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn plausible(asked: &Asked) -> String {
    let config = field(&asked.body, "generation_config").unwrap_or(&Value::Null);
    if field(config, "response_mime_type").and_then(Value::as_str) == Some("application/json") {
        let schema = ["response_schema", "response_json_schema", "_response_json_schema"];
        let schema = schema.iter().find_map(|name| field(config, name)).cloned();
        return from_schema(&schema.unwrap_or_else(|| json!({"type": "object"})), &asked.question, 0)
            .to_string();
    }
    let quote: String = asked.question.chars().take(60).collect();
    let Asked { rounds, model, .. } = asked;
    let chinese = asked.question.chars().any(is_cjk);
    let mut text = String::new();
    let _ = if chinese {
        write!(text, "关于“{quote}”：这是 {model} 的回答，我看到了此前 {rounds} 轮对话。\n\n")
    } else {
        write!(text, "About \"{quote}\": this is {model}, and I saw {rounds} earlier rounds.\n\n")
    };
    if !asked.media.is_empty() {
        let files: Vec<String> =
            asked.media.iter().map(|file| format!("{} ({} bytes)", file.mime, file.bytes)).collect();
        let files = files.join(", ");
        let _ = if chinese {
            write!(text, "附件：{files}。\n\n")
        } else {
            write!(text, "I looked at: {files}.\n\n")
        };
    }
    let sentences = if chinese { CHINESE } else { ENGLISH };
    let hash = stable_hash(&asked.question);
    for n in 0..=(hash % 3) {
        text.push_str(sentences[((hash >> 8) + n) as usize % sentences.len()]);
    }
    if hash.is_multiple_of(4) {
        text.push_str("\n\n```rust\nfn main() {\n    println!(\"hello\");\n}\n```\n");
    }
    text
}

const CHINESE: [&str; 4] = [
    "先说结论：可以做到，但要分两步。",
    "第一步是把问题拆小，**每次只改一处**；第二步是测量，而不是猜测。",
    "如果结果与预期不同，先检查输入，再检查假设。",
    "更多细节见 `README.md`，也欢迎继续追问。",
];
const ENGLISH: [&str; 4] = [
    "The short answer is yes, in two steps. ",
    "First split the problem and **change one thing at a time**; then measure instead of guessing. ",
    "If the result is not what you expect, check the input before the assumption. ",
    "See `README.md` for the details, or ask on. ",
];

fn long(question: &str, chars: usize) -> String {
    let sentences = if question.chars().any(is_cjk) { CHINESE } else { ENGLISH };
    let (mut text, mut count) = (String::new(), 0);
    for n in 1_usize.. {
        let sentence = sentences[n % 4].trim_end();
        let line = format!("{n}. {sentence}{}", if n.is_multiple_of(3) { "\n\n" } else { "\n" });
        count += line.chars().count();
        text.push_str(&line);
        if count >= chars {
            break;
        }
    }
    text
}

/// A value that fits a schema, the same for the same question.
fn from_schema(schema: &Value, question: &str, depth: u8) -> Value {
    let choices = schema["enum"].as_array().filter(|values| !values.is_empty());
    if let Some(values) = choices {
        return values[stable_hash(question) as usize % values.len()].clone();
    }
    if let (Some(first), true) = (schema["anyOf"].get(0), depth < 8) {
        return from_schema(first, question, depth + 1);
    }
    let kind = schema["type"].as_str().unwrap_or("object").to_ascii_lowercase();
    match kind.as_str() {
        "string" => Value::String(question.chars().take(40).collect()),
        "integer" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "number" => json!(0.5),
        "boolean" => json!(stable_hash(question).is_multiple_of(2)),
        "array" if depth < 8 => json!([from_schema(&schema["items"], question, depth + 1)]),
        "object" if depth < 8 => {
            let mut object = Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                object.insert(name.clone(), from_schema(property, question, depth + 1));
            }
            Value::Object(object)
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Answer, asked, tokens};

    fn ask(body: Value) -> super::Asked {
        asked(body, "A1".into(), "gemini-3.8-flash".into(), false)
    }

    #[test]
    fn a_chinese_question_gets_a_chinese_answer_that_quotes_it() {
        let body = json!({"contents": [
            {"role": "user", "parts": [{"text": "早"}]}, {"role": "model", "parts": [{"text": "早"}]},
            {"role": "user", "parts": [{"text": "怎么写排序？"}]}]});
        let text = Answer::Plausible.text(&ask(body));
        assert!(
            text.contains("怎么写排序？") && text.contains("1 轮") && text.contains("gemini-3.8-flash"),
            "{text}"
        );
    }

    #[test]
    fn a_long_answer_has_the_length_asked_for_in_whole_sentences() {
        for (question, n) in [("hi", 1), ("hi", 4096), ("你好", 100_000)] {
            let body = json!({"contents": [{"parts": [{"text": question}]}]});
            let text = Answer::Long(n).text(&ask(body));
            assert!((n..n + 120).contains(&text.chars().count()), "{question} {n}");
            assert!(text.trim_end().ends_with(['.', '。']), "{question} {n}");
        }
    }

    #[test]
    fn a_schema_is_answered_with_json_that_fits() {
        let body = json!({"contents": [{"parts": [{"text": "x"}]}], "generationConfig": {
            "responseMimeType": "application/json", "responseSchema": {"type": "OBJECT", "properties": {
                "task": {"type": "STRING", "enum": ["code", "chat"]}, "n": {"type": "INTEGER"}}}}});
        let value: Value = serde_json::from_str(&Answer::Plausible.text(&ask(body))).unwrap();
        assert!(["code", "chat"].contains(&value["task"].as_str().unwrap()) && value["n"] == 1, "{value}");
    }

    #[test]
    fn tokens_count_wide_characters_one_by_one() {
        assert_eq!((tokens("你好"), tokens("abcdefgh"), tokens("")), (2, 2, 0));
    }
}
