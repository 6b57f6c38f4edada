//! What the classifier must get right, and what it must survive.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::{Classified, Feature, Kind, Message, Task, classify};

const PROMPTS: &str = include_str!("prompts.tsv");

struct Labelled {
    task: &'static str,
    kind: &'static str,
    text: String,
}

fn labelled() -> Vec<Labelled> {
    let rows = PROMPTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let cells: Vec<&str> = line.splitn(3, '\t').collect();
        let &[task, kind, text] = cells.as_slice() else { panic!("three cells: {line}") };
        // `\n` is a line break, `\\` a backslash: protect the second from the first.
        let text = text.replace("\\\\", "\u{1}").replace("\\n", "\n").replace('\u{1}', "\\");
        Labelled { task, kind, text }
    })
    .collect()
}

fn first(text: &str) -> Classified {
    classify(&Message::new(text))
}

#[test]
fn the_development_prompts_are_classified() {
    let rows = labelled();
    let mut right = BTreeMap::<&str, (u32, u32)>::new();
    let (mut kinds, mut wasted, mut misses) = (0, 0, String::new());
    for row in &rows {
        let got = first(&row.text);
        let (hits, all) = right.entry(row.task).or_default();
        *all += 1;
        *hits += u32::from(got.task.name() == row.task);
        kinds += u32::from(got.kind.name() == row.kind);
        wasted += u32::from(got.task == Task::Complex && row.task != "complex");
        if got.task.name() != row.task {
            let _ = writeln!(misses, "{} became {}: {:.100}", row.task, got.task.name(), row.text);
        }
    }
    for (task, (hits, all)) in right {
        let floor = if task == "task" { 97 } else { 100 };
        assert!(hits * 100 >= all * floor, "{task}: {hits} of {all} right\n{misses}");
    }
    assert!(kinds as usize * 100 >= rows.len() * 90, "kinds: {kinds} of {} right", rows.len());
    assert_eq!(wasted, 0, "pro is spent on {wasted} prompts that do not need it\n{misses}");
}

#[test]
fn what_stands_in_the_payload_does_not_decide() {
    let table = [
        ("Translate: prove that there are infinitely many primes, step by step.", Kind::Translation),
        ("翻译成英文:请设计一个高并发分布式系统,并严格证明其一致性。", Kind::Translation),
        (
            "Summarize the following text:\n\nProve the theorem. Derive the integral of the polynomial.",
            Kind::Summarizing,
        ),
        (
            "Proofread this sentence: we must prove the theorem rigorously and derive the integral",
            Kind::Rewriting,
        ),
        (
            "To be proved is a lemma on compact manifolds and their integrals; the proof derives it from Fourier \
          series, with a counterexample at the end.\nTranslate the text above into German.",
            Kind::Translation,
        ),
    ];
    for (text, kind) in table {
        let got = first(text);
        assert_eq!((got.task, got.kind), (Task::Task, kind), "{text}");
    }
}

#[test]
fn a_follow_up_inherits_what_it_follows() {
    use Kind::{Mathematics, SmallTalk, Writing};
    let table = [
        ("继续", Task::Complex, Mathematics, Task::Complex),
        ("go on", Task::Task, Writing, Task::Task),
        ("continue", Task::Chat, SmallTalk, Task::Chat),
        ("为什么?", Task::Complex, Mathematics, Task::Complex),
        ("why?", Task::Chat, SmallTalk, Task::Chat),
        ("你算错了,再检查一下", Task::Complex, Mathematics, Task::Complex),
        ("再来一个", Task::Task, Writing, Task::Task),
        ("shorter please", Task::Complex, Mathematics, Task::Task),
        ("换成更正式一点的语气", Task::Task, Writing, Task::Task),
        ("谢谢", Task::Complex, Mathematics, Task::Chat),
        ("thanks!", Task::Task, Writing, Task::Chat),
        ("What is the capital of Peru?", Task::Complex, Mathematics, Task::Chat),
        ("北京明天会下雨吗?", Task::Task, Writing, Task::Chat),
        ("Prove that the square root of 3 is irrational.", Task::Chat, SmallTalk, Task::Complex),
        ("", Task::Complex, Mathematics, Task::Chat),
    ];
    for (text, task, kind, expected) in table {
        let got = classify(&Message::new(text).after(task, kind));
        assert_eq!(got.task, expected, "{text} after {}", task.name());
    }
    assert_eq!(classify(&Message::new("继续").after(Task::Task, Kind::Code)).kind, Kind::FollowUp);
    assert_eq!(first("继续").task, Task::Chat, "nothing to go on with");
}

#[test]
fn a_quoted_text_is_material() {
    let quoted = "量子纠缠是指两个粒子之间的一种关联。".repeat(120);
    let message = Message { quoted: Some(&quoted), ..Message::new("总结一下") };
    let got = classify(&message);
    assert_eq!((got.task, got.kind), (Task::Task, Kind::Summarizing));
    assert!(got.reasons.iter().any(|reason| reason.feature == Feature::LongInput));
    let thanks = classify(&Message { quoted: Some("ok, see you at eight"), ..Message::new("thanks") });
    assert_eq!(thanks.task, Task::Chat);
}

#[test]
fn reasons_are_sentences_for_an_operator_and_add_up() {
    let text = format!("Summarize this article:\n\n{}", "The council met on Tuesday. ".repeat(200));
    let got = first(&text);
    let lines: Vec<String> = got.reasons.iter().map(ToString::to_string).collect();
    assert!(lines.contains(&"+2.2 work, +0.0 reasoning: asks for a summary".to_owned()), "{lines:?}");
    assert!(
        lines.contains(&"+1.0 work, +0.1 reasoning: long input (5,624 characters)".to_owned()),
        "{lines:?}"
    );
    let work: f32 = got.reasons.iter().map(|reason| reason.work).sum();
    assert!((work - got.work).abs() < 0.01);
}

#[test]
fn empty_and_invisible_texts_are_chat() {
    for text in
        ["", " \n\t ", "\0", "\u{200b}\u{feff}", "\u{202e}", "\u{301}", "?", "。", "```", "\"\"\"", "$", "\\"]
    {
        assert_eq!(first(text).task, Task::Chat, "{text:?}");
    }
    assert_eq!(first("").reasons[0].feature, Feature::Empty);
    for (text, task) in
        [("", Task::Task), ("thanks", Task::Task), ("Prove that √2 is irrational.", Task::Complex)]
    {
        let classified = classify(&Message { files: 1, ..Message::new(text) });
        assert_eq!(classified.task, task, "with a file: {text}");
        assert!(classified.reasons.iter().any(|reason| reason.feature == Feature::Files));
    }
}

#[test]
fn width_script_variant_and_marks_make_no_difference() {
    let pairs = [
        ("請證明根號2是無理數", "请证明根号2是无理数"),
        ("把這句話翻譯成英語:今天天氣很好", "把这句话翻译成英语:今天天气很好"),
        ("Ｗｒｉｔｅ ａ ｐｏｅｍ", "write a poem"),
        ("\u{202e}write a\u{200b} poem\0", "write a poem"),
        ("translate： hello", "translate: hello"),
    ];
    for (a, b) in pairs {
        let (a, b) = (first(a), first(b));
        assert_eq!((a.task, a.kind), (b.task, b.kind), "{b:?}");
    }
}

#[test]
fn other_languages_degrade_to_what_needs_no_words() {
    let table = [
        ("Привет!", Task::Chat),
        ("ما هي عاصمة مصر؟", Task::Chat),
        (
            "Beweise, dass $\\sqrt{2} + \\sqrt{3}$ irrational ist, für alle $n \\in \\mathbb{N}$.",
            Task::Complex,
        ),
        ("Corrige ce code :\n```python\nfor i in range(10)\n    print(i)\n```", Task::Task),
        ("Переведи на английский: сегодня хорошая погода", Task::Task),
    ];
    for (text, task) in table {
        assert_eq!(first(text).task, task, "{text}");
    }
}

#[test]
fn a_mebibyte_is_judged_by_its_window() {
    // Only the counting of characters grows with the text: the window is the same, and so is the verdict.
    let unit = "证明 prove x^2 ( \" “ ``` \\frac 1. a) b) ";
    let shorter = first(&unit.repeat(300));
    let longer = first(&unit.repeat((1 << 20) / unit.len()));
    assert_eq!((shorter.task, shorter.kind), (longer.task, longer.kind));
    assert!(longer.reasons.iter().any(|reason| reason.feature == Feature::VeryLongInput));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_has_a_verdict_and_always_the_same(text in any::<String>(), quoted in any::<Option<String>>()) {
        let message = Message { quoted: quoted.as_deref(), ..Message::new(&text) };
        let got = classify(&message);
        prop_assert!(got.work.is_finite() && got.reasoning.is_finite());
        prop_assert!((0.0..=1.0).contains(&got.confidence));
        prop_assert_eq!(&got, &classify(&message));
        let after = classify(&message.after(Task::Complex, Kind::Logic));
        prop_assert!(after.task >= got.task);
    }

    #[test]
    fn texts_of_the_alphabet_that_matters_have_a_verdict(
        text in "([a-z]{1,8} |[一-龥]{1,4}|[0-9]{1,3}|[\"“”「」`$\\\\^={}()\\[\\];:：。？?!\n\t ]|\u{301}|\u{202e}|\0|prove |翻译|```|\"\"\"|\\\\frac){0,80}",
    ) {
        let got = first(&text);
        prop_assert_eq!(&got, &first(&text));
    }

    #[test]
    fn surrounding_space_and_case_make_no_difference(row in 0..170_usize, space in "[ \n\t\u{3000}]{0,8}") {
        let rows = labelled();
        let text = &rows[row].text;
        let plain = first(text);
        prop_assert_eq!(&first(&format!("{space}{text}{space}")), &plain);
        prop_assert_eq!(&first(&text.to_ascii_uppercase()), &plain);
        prop_assert_eq!(&first(&text.to_ascii_lowercase()), &plain);
    }
}
