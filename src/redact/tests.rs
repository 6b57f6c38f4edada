//! No secret comes through, in whatever form; and nothing else is taken out.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{GRAM, REDACTED, Scrubber};

const KEY: &str = "AIzaSyCANARY0a1b2c3d4e5f6g7h8i9j0k1l2m3";
const ODD: &str = "p@ss/w\"ord+CANARY=%1234567890";

fn knowing(secrets: &[&str]) -> Scrubber {
    let mut scrubber = Scrubber::default();
    for secret in secrets {
        scrubber.add(secret);
    }
    scrubber
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * n) & 63) as usize]);
            text.push(if n <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

#[test]
fn a_secret_is_taken_out_of_text() {
    let scrubber = knowing(&[KEY]);
    for (text, clean) in [
        (format!("key {KEY}."), "key [redacted].".to_owned()),
        (format!("{KEY}{KEY}"), REDACTED.to_owned()),
        (format!("?key={KEY}&alt=sse"), "?key=[redacted]&alt=sse".to_owned()),
        (format!("…{}…", &KEY[8..24]), "…[redacted]…".to_owned()),
        (format!("short {} piece", &KEY[8..19]), format!("short {} piece", &KEY[8..19])),
        (format!("鍵{KEY}鍵"), "鍵[redacted]鍵".to_owned()),
    ] {
        assert_eq!(scrubber.scrub(&text), clean);
    }
}

#[test]
fn escaped_forms_are_found() {
    let scrubber = knowing(&[ODD]);
    for text in [
        ODD.to_owned(),
        "p%40ss%2Fw%22ord%2BCANARY%3D%251234567890".to_owned(),
        "p%40ss%2fw%22ord%2bCANARY%3d%251234567890".to_owned(),
        serde_json::to_string(ODD).expect("JSON"),
        serde_json::to_string(ODD).expect("JSON").replace('/', "\\/"),
    ] {
        let clean = scrubber.scrub(&text);
        assert!(!clean.contains("CANARY") && clean.contains(REDACTED), "{text} became {clean}");
    }
}

#[test]
fn base64_is_found_wherever_the_secret_lies_in_it() {
    let scrubber = knowing(&[KEY]);
    for before in ["", "u", "us", "use", "user:"] {
        let encoded = base64(format!("{before}{KEY} and more").as_bytes());
        for encoded in [encoded.replace('+', "-").replace('/', "_"), encoded] {
            let clean = scrubber.scrub(&encoded);
            let left = clean.replace(REDACTED, "").len();
            assert!(left < encoded.len() - KEY.len(), "{before}: {encoded} became {clean}");
        }
    }
}

#[test]
fn shapes_of_secrets_are_found_without_knowing_them() {
    let scrubber = Scrubber::default();
    for (text, clean) in [
        ("Invalid API key: AIzaSyDunknownunknownunknown1234567890a", "Invalid API key: [redacted]"),
        (
            "Consumer 'api_key:AQ.Ab8RN6Kq0123456789' has been suspended",
            "Consumer 'api_key:[redacted]' has been suspended",
        ),
        ("consumer api_key:whatever1 is bad", "consumer api_key:[redacted] is bad"),
        ("AQ.Ab8RN6Kq01234567890123", "[redacted]"),
        ("/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe", "/bot[redacted]/getMe"),
        (
            "at 2026-11-23T14:50:27Z, ratio 3:4, http://127.0.0.1:8080/health",
            "at 2026-11-23T14:50:27Z, ratio 3:4, http://127.0.0.1:8080/health",
        ),
        ("AIza is how keys begin, AQ. too", "AIza is how keys begin, AQ. too"),
    ] {
        assert_eq!(scrubber.scrub(text), clean);
    }
}

#[test]
fn a_short_secret_is_only_found_whole() {
    let scrubber = knowing(&["hunter22", "abc"]);
    assert_eq!(scrubber.scrub("redis://:hunter22@h"), "redis://:[redacted]@h");
    assert_eq!(scrubber.scrub("hunter2 abc"), "hunter2 abc");
}

#[test]
fn clean_text_is_not_copied() {
    let scrubber = knowing(&[KEY, ODD]);
    let text = "nothing to see here, 这里什么也没有, AIza, 12:30";
    assert!(matches!(scrubber.scrub(text), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn what_is_registered_once_is_scrubbed_everywhere() {
    super::register("canary-of-the-global-set-1");
    assert_eq!(super::scrub("a canary-of-the-global-set-1 b"), "a [redacted] b");
}

proptest! {
    #[test]
    fn no_gram_of_a_secret_remains(
        secret in "[A-Za-z0-9_:/+-]{12,60}",
        before in "[ -~]{0,30}",
        after in "[ -~é漢]{0,30}",
        cut in 0_usize..40,
    ) {
        let scrubber = knowing(&[&secret]);
        let piece = &secret[cut.min(secret.len() - GRAM)..];
        let clean = scrubber.scrub(&format!("{before}{piece}{after}{secret}")).into_owned();
        for gram in secret.as_bytes().windows(GRAM) {
            prop_assert!(!clean.as_bytes().windows(GRAM).any(|window| window == gram), "{clean}");
        }
    }

    #[test]
    fn ordinary_text_is_unchanged(text in "[a-z ,.!?\\n漢字é]{0,200}") {
        let scrubber = knowing(&[KEY, ODD]);
        prop_assert_eq!(scrubber.scrub(&text), text.as_str());
    }

    #[test]
    fn scrubbing_twice_changes_nothing_more(text in "[ -~]{0,60}") {
        let scrubber = knowing(&[KEY]);
        let once = scrubber.scrub(&format!("{text}{KEY}{text}")).into_owned();
        prop_assert_eq!(scrubber.scrub(&once).into_owned(), once);
    }
}
