//! What holds for any text at all.

use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

use super::check_legal;
use crate::telegram::markdown::{Limits, render_growing, render_parts, utf16_len};

/// Text that is mostly markup, so that everything meets everything.
fn markup() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "b",
        "字",
        "词",
        "😀",
        "e\u{301}",
        "👨‍👩‍👧",
        "**",
        "**",
        "*",
        "***",
        "_",
        "__",
        "`",
        "`",
        "~~",
        "~",
        "- ",
        "1. ",
        "# ",
        "## ",
        "> ",
        "\n",
        "\n",
        "\n\n",
        " ",
        " ",
        "|",
        "| ",
        "|-|-|\n",
        "[",
        "](",
        "](https://a.b)",
        "]",
        ")",
        "!",
        "<",
        "<br>",
        "<b>",
        "：",
        "。",
        "“",
        "”",
        ". ",
        "\n```\n",
        "\n```py\n",
        "\n~~~\n",
        "    ",
        "---\n",
        "• ",
        "[ ] ",
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "x^2",
        "\\frac{",
        "{",
        "}",
        "\\",
        "&amp;",
        "https://a.b/_c_",
        "\t",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

/// Markup that moves no letter, takes none away and adds none.
fn plain_markup() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "b",
        "字",
        "词",
        "😀",
        "**",
        "**",
        "*",
        "***",
        "_",
        "`",
        "~~",
        "- ",
        "# ",
        "> ",
        "\n",
        "\n\n",
        " ",
        "[",
        "]",
        "](https://a.b)",
        "!",
        "<",
        "<b>",
        "：",
        "。",
        "“",
        "”",
        "\n```\n",
        "    ",
        "---\n",
        "• ",
        "[ ] ",
        "\t",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn without_white_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn limits(units: usize) -> Limits {
    Limits { units, ..Limits::default() }
}

/// Every message of a text, each as Telegram takes it and none longer than the limit.
fn check_all(markdown: &str, units: usize) {
    for parts in [render_parts(markdown, limits(units)), render_growing(markdown, limits(units))] {
        for part in &parts {
            check_legal(part);
            assert!(utf16_len(&part.text) <= units && !part.text.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_markup_becomes_legal_messages(markdown in markup(), units in 20usize..200) {
        check_all(&markdown, units);
        check_all(&markdown, 4000);
    }

    #[test]
    fn any_text_becomes_legal_messages(markdown in "(?s).{0,200}", units in 20usize..100) {
        check_all(&markdown, units);
    }

    #[test]
    fn every_letter_is_shown_in_its_place(markdown in plain_markup()) {
        // A fence with words behind it names a language.
        let has_info = markdown.split('\n').any(|line| {
            let marks = line.find("```").or_else(|| line.find("~~~"));
            marks.is_some_and(|at| !line[at..].trim_matches(['`', '~', ' ', '\t']).is_empty())
        });
        if has_info { return Ok(()) }
        let shown: String = render_parts(&markdown, limits(4000)).into_iter().map(|part| part.text).collect();
        let is_address_shown = letters(&shown).contains("https");
        if !is_address_shown {
            prop_assert_eq!(letters(&shown), letters(&markdown.replace("](https://a.b)", "]")));
        }
    }

    #[test]
    fn the_parts_are_the_whole(markdown in plain_markup(), units in 20usize..60) {
        let joined = |units| -> String {
            let parts = render_parts(&markdown, limits(units));
            without_white_space(&parts.into_iter().map(|part| part.text).collect::<String>())
        };
        prop_assert_eq!(joined(units), joined(100_000));
    }

    #[test]
    fn no_character_that_a_person_sees_is_torn(markdown in "[a🇨👨\u{200d}👩e\u{301}字]{0,80}", units in 24usize..40) {
        use unicode_segmentation::UnicodeSegmentation as _;
        let whole: Vec<_> = markdown.graphemes(true).collect();
        for part in render_parts(&markdown, limits(units)) {
            let first = part.text.graphemes(true).next().unwrap_or("");
            // A cluster longer than a part is torn between code points: nothing else is left.
            prop_assert!(whole.contains(&first) || whole.iter().any(|one| utf16_len(one) > units / 2));
        }
    }
}

/// Many more cases than a suite has time for: `cargo test --release -- --ignored any_markup`.
#[test]
#[ignore = "takes minutes"]
fn any_markup_becomes_legal_messages_many_times() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1_000_000,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&(markup(), 20usize..200), |(markdown, units)| {
        check_all(&markdown, units);
        Ok(())
    });
    outcome.expect("every text becomes legal messages");
}
