//! Replies of Gemini as they should not be: each ends in an answer or in words with a ref, and no key is blamed for what
//! is not its fault. The judge is the fake server: whom was asked when, how much was read of it, and what people saw.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use svs::sandbox::gemini::{Answer, GeminiCall, Timing};
use svs::sandbox::telegram::User;

use crate::support::replies::{
    ANSWER, ask_under, counting, explained, no_key_is_blamed, person, still_answers,
};
use crate::support::{Daemon, World, chinese, code, english, stderr};

/// Bad inputs 55 to 59 and 71: nothing that could be shown has come.
#[test]
fn a_reply_without_a_text_is_told_in_words_with_a_ref_and_blames_no_key() {
    const EMPTY: &str = "The model returned nothing. Tap Retry, or rephrase the question. #";
    const BLOCKED: &str = "That was blocked by the safety policy. Try rephrasing. #";
    // Once or twice: retries have a budget of their own.
    const FAILED: &str = "The service didn't answer";
    let cases = [
        ("empty", EMPTY, "empty"),
        ("blocked", BLOCKED, "blocked"),
        ("blockedother", BLOCKED, "blocked"),
        ("spii", BLOCKED, "blocked"),
        ("recitation", BLOCKED, "blocked"),
        ("thoughts", EMPTY, "empty"),
        ("maxtokens0", EMPTY, "thought_only"),
        ("eof0", EMPTY, "empty"),
        ("html200", FAILED, "unreachable"),
        ("gzipbomb", FAILED, "unreachable"),
        ("flood", EMPTY, "empty"),
        ("bigheader", FAILED, "unreachable"),
    ];
    let world = counting();
    let mut daemon = world.start_unlimited();
    for (n, (fault, words, outcome)) in (0..).zip(cases) {
        let said = ask_under(&world, fault, &person(n)).text;
        assert!(said.starts_with(words), "{fault}: {said}");
        assert_eq!(explained(&world, &said), outcome, "{fault}");
        no_key_is_blamed(&world, fault);
    }
    still_answers(&world, &mut daemon);
}

/// Issue 4, point 8: what happened, what to do, when, and a ref; and what is to be tapped is there.
#[test]
fn a_failure_says_what_to_do_in_both_languages_and_offers_it() {
    let cases = [
        ("empty", ["The model returned nothing. Tap Retry", "模型没有给出内容，"], ["🔄 Retry", "🔄 重答"]),
        (
            "blocked",
            ["That was blocked by the safety policy. Try rephrasing.", "这个问题被安全策略拦下，换个说法"],
            ["", ""],
        ),
        ("500", ["The service didn't answer", "服务暂时没接通，"], ["🔄 Retry", "🔄 重答"]),
    ];
    for (fault, words, buttons) in cases {
        let world = counting();
        let _daemon = world.start_unlimited();
        for ((who, words), button) in [english(), chinese()].into_iter().zip(words).zip(buttons) {
            let said = ask_under(&world, fault, &who);
            assert!(
                said.text.starts_with(words) && !explained(&world, &said.text).is_empty(),
                "{fault}: {said:?}"
            );
            let offered = said.markup["inline_keyboard"][0][0]["text"].as_str().unwrap_or_default();
            assert_eq!(offered, button, "{fault}: {said:?}");
            // Nothing of how it is done inside: no key, project, model id or status.
            for inner in ["gemini-", "sandbox-", "C1", "D1", "500", "http", "{", "Err"] {
                assert!(!said.text.contains(inner), "{fault}: {}", said.text);
            }
        }
    }
}

/// Bad inputs 56, 57, 59 and 61: half of it has come.
#[test]
fn half_an_answer_is_kept_and_says_why_it_ends() {
    let cases = [
        ("safety", "(The rest was blocked by the safety policy.)", "（后面的内容被安全策略拦下了。）"),
        (
            "other",
            "(The model stopped here; the answer is incomplete.)",
            "（模型写到这里就停了，回答不完整。）",
        ),
        ("maxtokens", "(The answer reached its length limit.)", "（回答到了长度上限。）"),
        ("eof", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
        ("truncated", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
        ("sse503mid", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
        ("rstmid", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
        ("closemid", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
        ("hangmid", "(The connection broke; the answer is incomplete.)", "（连接中断，回答不完整。）"),
    ];
    let world = counting();
    let mut daemon = world.start_unlimited_with(&[("SVS_GEMINI_BETWEEN_EVENTS", "1s")]);
    for (n, (fault, english, chinese)) in (0..).zip(cases) {
        for (who, words) in [
            (person(2 * n), english),
            (User { language_code: Some("zh-hans".to_owned()), ..person(2 * n + 1) }, chinese),
        ] {
            let said = ask_under(&world, fault, &who).text;
            let part = said.strip_suffix(words).map(str::trim_end);
            assert!(part.is_some_and(|part| part.len() >= 20 && ANSWER.starts_with(part)), "{fault}: {said}");
        }
        no_key_is_blamed(&world, fault);
    }
    // Only one send was made of each: what was begun is not asked for again.
    assert_eq!(world.sandbox().gemini().generations().len(), 2 * cases.len());
    still_answers(&world, &mut daemon);
}

/// The most memory a process ever had, in MiB.
fn peak(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") / 1024
}

/// Bad input 59: a gigabyte in seven megabytes, and 64 MiB of white space.
#[test]
fn of_a_reply_without_end_eight_megabytes_are_read_and_no_memory_is_lost() {
    let world = counting();
    let mut daemon = world.start_unlimited();
    still_answers(&world, &mut daemon);
    let before = peak(&daemon);
    for (n, fault) in (0..).zip(["gzipbomb", "flood"]) {
        let calls = world.sandbox().gemini().generations().len();
        ask_under(&world, fault, &person(n));
        world.wait("the ends", || world.sandbox().gemini().in_flight() == 0);
        for call in &world.sandbox().gemini().generations()[calls..] {
            let (_, _, sent) = call.ended.as_ref().expect("it ended");
            // What lies in the buffers of two sockets was sent but not read.
            assert!(*sent < 24 << 20, "{fault}: {sent} bytes were sent");
        }
    }
    let grown = peak(&daemon) - before;
    assert!(grown < 40, "it grew by {grown} MiB");
}

/// Bad input 60.
#[test]
fn however_a_stream_is_framed_and_cut_it_says_the_same() {
    let world = World::new();
    let text =
        "春眠不觉晓，处处闻啼鸟。👩‍👩‍👧‍👦 é ñ \u{301}x 𝕏 — “夜来风雨声” data: : id\n\n花落知多少？".repeat(8);
    world.sandbox().gemini().answer(Answer::Text(text.clone()));
    let mut daemon = world.start_unlimited();
    let gemini = world.sandbox().gemini();
    let plain = world.ask(&person(0), "the poem", 1).remove(0);
    for (n, fault) in (1..).zip(["lf", "comments", "utf8", "noblank", "earlystop", "unknown"]) {
        gemini.clear_faults();
        gemini.fail(&format!("*={fault}")).expect("a known fault");
        let seen = world.ask(&person(n), "the poem", 1).remove(0);
        assert_eq!((&seen.text, &seen.entities), (&plain.text, &plain.entities), "{fault}");
    }
    gemini.clear_faults();
    assert!(plain.text.contains("花落知多少") && plain.text.matches("春眠").count() == 8, "{}", plain.text);
    assert_eq!(gemini.generations().len(), 7, "each was asked once");
    gemini.answer(Answer::Text(ANSWER.to_owned()));
    still_answers(&world, &mut daemon);
}

/// How long Gemini's side of a call lasted, in milliseconds.
fn lasted(call: &GeminiCall) -> i64 {
    call.ended.as_ref().expect("it ended").0 - call.at
}

/// Bad input 61.
#[test]
fn a_silent_stream_is_cut_at_its_deadline() {
    let world = counting();
    let mut daemon = world.start_unlimited_with(&[
        ("SVS_GEMINI_BETWEEN_EVENTS", "1500ms"),
        ("SVS_GEMINI_FIRST_EVENT_FLASH_LITE", "1s"),
        ("SVS_GEMINI_FIRST_EVENT_FLASH", "1s"),
    ]);
    for (n, (fault, least, most)) in (0..).zip([
        ("hangmid", 1400, 4000),
        ("hangheaders", 900, 3000),
        ("drip", 900, 3000),
        ("hang", 900, 3000),
    ]) {
        let calls = world.sandbox().gemini().generations().len();
        let said = ask_under(&world, fault, &person(n)).text;
        world.wait("the ends", || world.sandbox().gemini().in_flight() == 0);
        for call in &world.sandbox().gemini().generations()[calls..] {
            assert!((least..most).contains(&lasted(call)), "{fault}: {} ms", lasted(call));
        }
        assert_eq!(
            said.contains("(The connection broke; the answer is incomplete.)"),
            fault == "hangmid",
            "{fault}: {said}"
        );
        no_key_is_blamed(&world, fault);
    }
    still_answers(&world, &mut daemon);
}

/// Bad input 69.
#[test]
fn a_redirect_is_followed_nowhere() {
    let world = counting();
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a free port");
    elsewhere.set_nonblocking(true).expect("a socket");
    let address = elsewhere.local_addr().expect("bound");
    world.sandbox().gemini().set_redirect(&format!("http://{address}/v1beta/models/x:generateContent"));
    let mut daemon = world.start_unlimited();
    let said = ask_under(&world, "redirect", &english()).text;
    assert!(said.starts_with("The service didn't answer"), "{said}");
    assert_eq!(explained(&world, &said), "unreachable");
    world.sandbox().gemini().fail("*=redirect").expect("a known fault");
    // The list of models is asked for without a body, and would be followed more easily.
    let output = world.output(&["keys", "check", "--key", "A1", "--json"]);
    assert!(["1", "2", "3"].contains(&code(output.status).as_str()), "{}", stderr(&output));
    let came = elsewhere.accept().map(|(_, from)| from).map_err(|error| error.kind());
    assert_eq!(came, Err(ErrorKind::WouldBlock), "somebody followed");
    no_key_is_blamed(&world, "redirect");
    world.sandbox().gemini().clear_faults();
    still_answers(&world, &mut daemon);
}

/// Bad input 70.
#[test]
fn what_a_model_writes_is_text_and_no_preview_is_fetched() {
    let world = World::new();
    let hostile = "<b>bold</b> <script>alert(1)</script> & <a href=\"tg://user?id=1\">x</a> @everyone /kick 42 \
                   [press](javascript:alert(1)) [file](file:///etc/passwd) [fine](https://example.org/a?b=c&d) \
                   https://example.org/tracker.png ![image](https://example.org/p.png) <https://example.org/auto>";
    world.sandbox().gemini().answer(Answer::Text(hostile.to_owned()));
    world.sandbox().gemini().set_timing(Timing { between: Duration::from_millis(80), ..Timing::default() });
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let seen = world.ask(&english(), "be nasty", 1).remove(0);
    for literal in ["<b>bold</b>", "<script>alert(1)</script> &", "@everyone /kick 42"] {
        assert!(seen.text.contains(literal), "{}", seen.text);
    }
    for entity in &seen.entities {
        let kind = entity["type"].as_str().unwrap_or_default();
        assert!(!["text_mention", "mention", "bot_command"].contains(&kind), "{entity}");
        if let Some(url) = entity["url"].as_str() {
            assert!(url.starts_with("https://example.org/"), "{entity}");
        }
    }
    let mut shown = 0;
    for call in telegram.calls() {
        if ["sendMessage", "editMessageText"].contains(&call.method.as_str()) {
            shown += 1;
            assert_eq!(call.params["link_preview_options"]["is_disabled"], true, "{call:?}");
            assert!(call.params["parse_mode"].is_null() && call.flags.is_empty(), "{call:?}");
        }
    }
    assert!(shown >= 2, "{shown} messages and edits");
}
