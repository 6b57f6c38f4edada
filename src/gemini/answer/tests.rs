//! Recorded streams against the texts Google's own readers make of them, and every way an answer can end.

use proptest::prelude::{any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::*;

/// `streams/texts.json` was written by google-genai 3.4 (Python) and @google/genai (JavaScript) reading the same
/// bytes; of the two, one refuses comments, the other data over several lines and a missing last blank line.
const TEXTS: &str = include_str!("../../../tests/data/gemini/streams/texts.json");

macro_rules! streams {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_bytes!(concat!("../../../tests/data/gemini/streams/", $name, ".sse")).as_slice())),*]
    };
}

fn streams() -> Vec<(&'static str, &'static [u8])> {
    streams![
        "code",
        "early_empty_stop",
        "escapes",
        "final_without_parts",
        "lf_and_comments",
        "max_tokens",
        "multi_line_data",
        "no_last_blank_line",
        "plain",
        "recitation",
        "signature_on_text",
        "stop_on_every_chunk",
        "thoughts",
        "two_parts",
        "usage_only_chunks",
    ]
    .to_vec()
}

/// Reads the pieces; the second value is what was handed over while reading.
fn read(pieces: &[&[u8]], ended: Ended) -> (Conclusion, String) {
    let mut shown = String::new();
    let mut reader = AnswerReader::new(BODY_CAP);
    let mut on_text = |text: &str| shown.push_str(text);
    for piece in pieces {
        reader.push(piece, &mut on_text);
        if reader.is_over() {
            break;
        }
    }
    (reader.conclude(ended, &mut on_text), shown)
}

fn conclude(body: &str) -> Conclusion {
    let (conclusion, shown) = read(&[body.as_bytes()], Ended::Eof);
    assert_eq!(conclusion.text, shown, "what is kept is what was shown");
    conclusion
}

#[test]
fn recorded_streams_read_as_googles_own_readers_read_them() {
    let texts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(TEXTS).expect("the golden file");
    assert_eq!(texts.len(), streams().len());
    for (name, stream) in streams() {
        let (conclusion, shown) = read(&[stream], Ended::Eof);
        assert_eq!(Some(shown.as_str()), texts[name].as_str(), "{name}");
        assert_eq!(conclusion.text, shown, "{name}");
        let finish = match name {
            "max_tokens" => Finish::Truncated,
            "recitation" => Finish::Cut("RECITATION".to_owned()),
            _ => Finish::Complete,
        };
        assert_eq!((conclusion.verdict.outcome, conclusion.finish), (Outcome::Answered, finish), "{name}");
    }
}

fn picture(data: &str, more: &str) -> String {
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}{more}}}]}}}}]}}"#
    )
}

#[test]
fn pictures_are_read_from_streams_and_whole_answers() {
    let stop = r#"{"candidates":[{"finishReason":"STOP"}]}"#;
    let (one, two) = (picture("iVBORw0KGgo=", ""), picture("_-8=", ""));
    let sketch = picture("AAAA", r#","thought":true"#);
    let words = r#"{"candidates":[{"content":{"parts":[{"text":"A cat:"}]}}]}"#;
    let cases = [
        (
            format!("data: {words}\n\ndata: {sketch}\n\ndata: {one}\n\ndata: {two}\n\ndata: {stop}\n\n"),
            "A cat:",
        ),
        (format!("[{words},{sketch},{one},{two},{stop}]"), "A cat:"),
        (format!("data: {one}\r\n\r\ndata: {two}\r\n\r\ndata: {stop}"), ""),
    ];
    for (body, text) in cases {
        let read = conclude(&body);
        assert_eq!(
            (read.verdict.outcome, read.finish, read.text.as_str()),
            (Outcome::Answered, Finish::Complete, text),
            "{body}"
        );
        let pictures: Vec<_> =
            read.pictures.iter().map(|picture| (picture.mime.as_str(), &picture.bytes[..])).collect();
        assert_eq!(
            pictures,
            [("image/png", &b"\x89PNG\r\n\x1a\n"[..]), ("image/png", b"\xff\xef")],
            "{body}"
        );
    }
}

#[test]
fn a_picture_that_is_none_is_left_out_and_said_so() {
    let stop = "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n";
    let huge = "A".repeat(PICTURES_CAP / 3 * 4 + 8);
    let good = picture("iVBORw0KGgo=", "");
    let cases = [
        (picture("no base64!", ""), 0, Outcome::Empty),
        (picture("", ""), 0, Outcome::Empty),
        (picture(&huge, ""), 0, Outcome::Empty),
        (good.replace("image/png", "audio/wav"), 0, Outcome::Empty),
        (good.replace(r#""data""#, r#""date""#), 0, Outcome::Empty),
        (format!("{good}\n\ndata: {}", picture(&huge, "")), 1, Outcome::Incomplete),
    ];
    for (body, kept, outcome) in cases {
        let mut reader = AnswerReader::new(PICTURES_BODY_CAP);
        reader.push(format!("data: {body}\n\n{stop}").as_bytes(), &mut |_| {});
        let read = reader.conclude(Ended::Eof, &mut |_| {});
        assert_eq!((read.pictures.len(), read.verdict.outcome), (kept, outcome), "{}", &body[..80]);
    }
    let refused = conclude(r#"{"candidates":[{"finishReason":"IMAGE_SAFETY"}]}"#);
    assert_eq!(
        (refused.verdict.outcome, refused.finish),
        (Outcome::Blocked, Finish::Cut("IMAGE_SAFETY".to_owned()))
    );
    let none = conclude(r#"{"candidates":[{"finishReason":"NO_IMAGE"}]}"#);
    assert_eq!((none.verdict.outcome, none.finish), (Outcome::Empty, Finish::None));
}

#[test]
fn the_last_token_counts_are_the_ones_that_count() {
    let plain = streams().into_iter().find(|(name, _)| *name == "plain").expect("recorded");
    let usage = read(&[plain.1], Ended::Eof).0.usage;
    assert_eq!(usage, Usage { prompt: 7, output: 14, thoughts: 31 });
    assert_eq!(usage.total(), 52);
}

#[test]
fn every_end_of_an_answer_has_its_outcome() {
    let text = r#"data: {"candidates":[{"content":{"parts":[{"text":"Half"}]}}]}"#;
    let error = r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
    let cut = |reason: &str| Finish::Cut(reason.to_owned());
    let answered = Outcome::Answered;
    let cases: Vec<(String, Outcome, Finish)> = vec![
        // Before text an error in a 200 is what it says; after text the answer is incomplete.
        (format!("data: {error}\n\n"), Outcome::Overloaded, Finish::None),
        (error.to_owned(), Outcome::Overloaded, Finish::None),
        (format!("[{error}]"), Outcome::Overloaded, Finish::None),
        (format!("{text}\n\ndata: {error}\n\n"), Outcome::Incomplete, Finish::Incomplete),
        (format!("{text}\n\ndata: [{error}]\n\n"), Outcome::Incomplete, Finish::Incomplete),
        (format!("{text}\n\n{error}\n"), Outcome::Incomplete, Finish::Incomplete),
        (format!("data: {}\n\n", error.replace("503", "429")), Outcome::BareLimit, Finish::None),
        // The stream ends too early.
        (format!("{text}\n\n"), Outcome::Incomplete, Finish::Incomplete),
        (format!("{text}\n\ndata: {{\"candidates\":[{{\"content\""), Outcome::Incomplete, Finish::Incomplete),
        (format!("data: {{\"candi\n\n{text}\n\ndata: {{\"candidates\":[{{\"finishReason\":\"STOP\"}}]}}"), Outcome::Incomplete, Finish::Incomplete),
        (r#"data: {"candidates":[{"finishReason":"STOP"}]}"#.to_owned() + "\n\n" + text, Outcome::Incomplete, Finish::Incomplete),
        // No text.
        (String::new(), Outcome::Empty, Finish::None),
        (" \r\n".to_owned(), Outcome::Empty, Finish::None),
        ("data: {}\n\n".to_owned(), Outcome::Empty, Finish::None),
        (r#"{"candidates":[]}"#.to_owned(), Outcome::Empty, Finish::None),
        (r#"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}"#.to_owned(), Outcome::Empty, Finish::None),
        (r#"{"candidates":[{"content":{"parts":[{"text":" \n"}]},"finishReason":"STOP"}]}"#.to_owned(), Outcome::Empty, Finish::None),
        (r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]},"finishReason":"STOP"}]}"#.to_owned(), Outcome::Empty, Finish::None),
        (r#"{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"thoughtsTokenCount":99}}"#.to_owned(), Outcome::ThoughtOnly, Finish::Truncated),
        // Blocked.
        (r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9}}"#.to_owned(), Outcome::Blocked, cut("PROHIBITED_CONTENT")),
        (r#"{"promptFeedback":{"blockReason":"SOMETHING_NEW"}}"#.to_owned(), Outcome::Blocked, cut("SOMETHING_NEW")),
        (r#"{"candidates":[{"finishReason":"SAFETY"}]}"#.to_owned(), Outcome::Blocked, cut("SAFETY")),
        (r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#.to_owned(), Outcome::Blocked, cut("MALFORMED_FUNCTION_CALL")),
        (r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"OTHER"}]}"#.to_owned(), answered.clone(), cut("OTHER")),
        (r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"NEW_ONE"}]}"#.to_owned(), answered.clone(), cut("NEW_ONE")),
        (format!("{text}\n\ndata: {{\"promptFeedback\":{{\"blockReason\":\"SAFETY\"}}}}\n\n"), answered.clone(), cut("SAFETY")),
        // Plain JSON where a stream was asked for.
        (r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#.to_owned(), answered.clone(), Finish::Complete),
        ("\u{feff}\n[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n,\r\n\r\n{\"candidates\":[{\"finishReason\":\"STOP\"}]}]".to_owned(), answered.clone(), Finish::Complete),
        (r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},{"candidates":[{"fini"#.to_owned(), Outcome::Incomplete, Finish::Incomplete),
        (r#"{"candidates":[{"content":{"parts":[{"te"#.to_owned(), Outcome::Empty, Finish::None),
        // Odd, but fine.
        (r#"data: {"candidates":[{"content":{"parts":[7,null,{"text":5},{"functionCall":{}},{"text":"a"}]},"finishReason":"STOP","new":1}]}"#.to_owned() + "\n\ndata: [DONE]\n\n", answered.clone(), Finish::Complete),
        (r#"{"error":null,"candidates":[{"content":{"parts":[{"text":"\ud83c broken"}]},"finishReason":"STOP"}]}"#.to_owned(), answered, Finish::Complete),
        // Not Google.
        ("<!doctype html><title>Log in to the hotel</title>".to_owned(), Outcome::Unreachable { sent: true }, Finish::None),
        ("OK".to_owned(), Outcome::Unreachable { sent: true }, Finish::None),
    ];
    for (body, outcome, finish) in cases {
        let conclusion = conclude(&body);
        assert_eq!((conclusion.verdict.outcome, conclusion.finish), (outcome, finish), "{body}");
    }
}

#[test]
fn a_broken_connection_keeps_what_came() {
    let half = r#"data: {"candidates":[{"content":{"parts":[{"text":"Half"}]}}]}"#.to_owned() + "\n\n";
    let whole = half.clone() + r#"data: {"candidates":[{"finishReason":"STOP"}]}"# + "\n\n";
    let silence = || Ended::TimedOut("silence between two events");
    let broken = || Ended::Broken("connection reset".to_owned());
    let cases = [
        ("", silence(), Outcome::TimedOut, Finish::None),
        ("", broken(), Outcome::Unreachable { sent: true }, Finish::None),
        (half.as_str(), silence(), Outcome::Incomplete, Finish::Incomplete),
        (half.as_str(), broken(), Outcome::Incomplete, Finish::Incomplete),
        // The reason had come: only the end of the connection is missing, and nobody waits for that.
        (whole.as_str(), silence(), Outcome::Answered, Finish::Complete),
        (whole.as_str(), broken(), Outcome::Answered, Finish::Complete),
    ];
    for (body, ended, outcome, finish) in cases {
        let conclusion = read(&[body.as_bytes()], ended.clone()).0;
        assert_eq!((conclusion.verdict.outcome, conclusion.finish), (outcome, finish), "{body} {ended:?}");
    }
}

#[test]
fn more_than_the_cap_is_not_read() {
    let text = r#"data: {"candidates":[{"content":{"parts":[{"text":"Half"}]}}]}"#.to_owned() + "\n\n";
    let megabyte = vec![b'x'; 1024 * 1024];
    let mut reader = AnswerReader::new(BODY_CAP);
    reader.push(text.as_bytes(), &mut |_| {});
    let fed = (0..100).take_while(|_| {
        reader.push(&megabyte, &mut |_| {});
        !reader.is_over()
    });
    assert_eq!(fed.count(), 7);
    let conclusion = reader.conclude(Ended::Eof, &mut |_| {});
    assert_eq!(conclusion.finish, Finish::Incomplete);
    assert_eq!(conclusion.verdict.detail.as_deref(), Some("the answer is larger than 8 MiB"));
}

#[test]
fn a_drip_of_bytes_is_silence_until_an_event_is_whole() {
    let mut reader = AnswerReader::new(BODY_CAP);
    let event = r#": ping

data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}

"#;
    let progress: Vec<usize> = event
        .bytes()
        .enumerate()
        .filter_map(|(at, byte)| reader.push(&[byte], &mut |_| {}).then_some(at))
        .collect();
    assert_eq!(progress, [event.len() - 1]);
}

/// The stream in pieces that end at the cuts.
fn pieces<'a>(stream: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect()
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_answer(which in 0..15_usize, bom in any::<bool>(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..16)) {
        let mut stream = if bom { BOM.to_vec() } else { Vec::new() };
        stream.extend_from_slice(streams()[which].1);
        prop_assert_eq!(read(&pieces(&stream, &cuts), Ended::Eof), read(&[&stream], Ended::Eof));
    }

    #[test]
    fn arbitrary_bytes_never_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..12)) {
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        read(&pieces, Ended::Eof);
    }

    #[test]
    fn mutilated_streams_never_panic_and_never_pass_for_complete_without_a_reason(which in 0..15_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()) {
        let mut stream = streams()[which].1.to_vec();
        let at = at.index(stream.len());
        stream[at] = byte;
        stream.truncate(end.index(stream.len() + 1));
        let (conclusion, shown) = read(&[&stream], Ended::Eof);
        prop_assert_eq!(&conclusion.text, &shown);
        if !stream.windows(6).any(|word| word == b"finish") {
            prop_assert!(conclusion.finish != Finish::Complete);
        }
    }
}
