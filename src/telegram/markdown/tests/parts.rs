//! Long answers in several messages.

use super::{check_legal, marked};
use crate::telegram::markdown::{
    Limits, Overflow, Rendered, render_answer, render_growing, render_parts, utf16_len,
};

fn parts(markdown: &str, units: usize) -> Vec<String> {
    let parts = render_parts(markdown, Limits { units, ..Limits::default() });
    for part in &parts {
        check_legal(part);
        assert!(utf16_len(&part.text) <= units, "{:?}", part.text);
    }
    parts.iter().map(marked).collect()
}

#[test]
fn a_cut_prefers_the_larger_unit_of_writing() {
    let cases: [(&str, usize, &[&str]); 11] = [
        ("short", 10, &["short"]),
        ("one two\n\nthree four", 12, &["one two", "three four"]),
        ("one two\nthree four", 12, &["one two", "three four"]),
        ("One two. Three four", 12, &["One two.", "Three four"]),
        ("今天天气好。明天下雨吗", 8, &["今天天气好。", "明天下雨吗"]),
        ("他说：“好的！”然后走了", 9, &["他说：“好的！”", "然后走了"]),
        ("one two three", 9, &["one two", "three"]),
        ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
        ("ab👨‍👩‍👧‍👦", 11, &["ab", "👨‍👩‍👧‍👦"]),
        ("a🇨🇳🇩🇪", 6, &["a🇨🇳", "🇩🇪"]),
        ("xe\u{301}e\u{301}", 3, &["xe\u{301}", "e\u{301}"]),
    ];
    for (markdown, units, expected) in cases {
        assert_eq!(parts(markdown, units), expected, "{markdown:?}");
    }
}

#[test]
fn what_is_special_goes_on_in_the_next_part() {
    let cases: [(&str, usize, &[&str]); 7] = [
        ("```py\nab = 1\ncd = 2\n```", 8, &["<pre py>ab = 1</pre>", "<pre py>cd = 2</pre>"]),
        ("```\nif x:\n    y\n    z\n```", 12, &["<pre>if x:\n    y</pre>", "<pre>    z</pre>"]),
        ("**one two three**", 9, &["<b>one two</b>", "<b>three</b>"]),
        ("> one\n> two\n> three", 8, &["<q>one\ntwo</q>", "<q>three</q>"]),
        ("ab cd `ef gh` ij", 9, &["ab cd", "<c>ef gh</c> ij"]),
        ("ab cd [ef gh](https://a.b)", 9, &["ab cd", "<a https://a.b>ef gh</a>"]),
        (
            "|a|b|\n|-|-|\n|1|2|\n|3|4|\n|5|6|",
            18,
            &["<pre>a | b\n--+--\n1 | 2</pre>", "<pre>3 | 4\n5 | 6</pre>"],
        ),
    ];
    for (markdown, units, expected) in cases {
        assert_eq!(parts(markdown, units), expected, "{markdown:?}");
    }
}

#[test]
fn a_heading_stays_with_what_it_heads_and_code_begins_a_part() {
    assert_eq!(parts("some text\n\n## Head\nmore text", 18), ["some text", "<b>Head</b>\nmore text"]);
    assert_eq!(parts("some text\n```\na\nb\nc\n```", 13), ["some text", "<pre>a\nb\nc</pre>"]);
}

#[test]
fn ten_thousand_marks_on_one_letter_are_cut_between_code_points() {
    let text = format!("a{}", "\u{301}".repeat(10_000));
    let parts = render_parts(&text, Limits::default());
    assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), text);
    parts.iter().for_each(check_legal);
}

#[test]
fn a_length_is_counted_in_utf16_units() {
    let parts = render_parts(&"😀".repeat(2001), Limits::default());
    assert_eq!(parts.iter().map(|part| utf16_len(&part.text)).collect::<Vec<_>>(), [4000, 2]);
}

#[test]
fn markup_with_nothing_in_it_is_shown_as_written() {
    assert_eq!(parts("```\n```", 100), ["```\n```"]);
    assert_eq!(parts(" \n\u{200b}", 100), Vec::<String>::new());
}

#[test]
fn a_message_has_at_most_ninety_entities() {
    let dense = render_parts(&"*a* ".repeat(200), Limits::default());
    dense.iter().for_each(check_legal);
    assert_eq!((dense.len(), dense[0].entities.len()), (1, 90));

    let links: Vec<_> = (0..200).map(|n| format!("- [link {n}](https://example.org/{n})\n")).collect();
    let links = links.concat();
    let parts = render_parts(&links, Limits { units: 2000, ..Limits::default() });
    parts.iter().for_each(check_legal);
    let whole: String = parts.iter().map(|part| marked(part) + "\n").collect();
    for n in 0..200 {
        let (linked, spelled) = (
            format!("<a https://example.org/{n}>link {n}</a>"),
            format!("link {n} (https://example.org/{n})"),
        );
        assert!(whole.contains(&linked) || whole.contains(&spelled), "{n}");
    }
}

#[test]
fn long_code_and_long_answers_go_into_files() {
    let code = "x = 1\n".repeat(121);
    let answer = render_answer(&format!("Here:\n```python\n{code}```\nDone."), Limits::default());
    assert_eq!(answer.parts.iter().map(marked).collect::<Vec<_>>(), ["Here:\n📎 <b>code.py</b>\nDone."]);
    let Overflow::Code(files) = answer.overflow else { panic!("{:?}", answer.overflow) };
    assert_eq!((files[0].name.as_str(), files[0].text.as_str()), ("code.py", code.as_str()));

    let short = render_answer(&format!("```python\n{}```", "x = 1\n".repeat(120)), Limits::default());
    assert_eq!(short.overflow, Overflow::None);

    let long = "段落。\n\n".repeat(5000);
    let answer = render_answer(&long, Limits::default());
    let Overflow::Document(file) = answer.overflow else { panic!("{:?}", answer.overflow) };
    assert_eq!((answer.parts.len(), file.name.as_str()), (1, "answer.md"));
    assert_eq!(file.text.trim(), long.trim());
}

#[test]
fn the_first_part_of_a_growing_text_stays() {
    let units = 300;
    let limits = Limits { units, ..Limits::default() };
    for (_, golden, _) in super::golden::ANSWERS {
        let mut first: Option<(usize, Vec<Rendered>)> = None;
        let step = if golden.len() > 5000 { 97 } else { 11 };
        for end in (0..golden.len()).step_by(step).filter(|end| golden.is_char_boundary(*end)) {
            let parts = render_growing(&golden[..end], limits);
            if let Some((at, first)) = &first
                && parts.len() >= first.len()
            {
                let stable = first.len() - 1;
                assert_eq!(parts[..stable], first[..stable], "after {end}, from {at}");
            }
            let rolled = parts.len() >= 2 && utf16_len(&parts[parts.len() - 1].text) > 64;
            if rolled && first.as_ref().is_none_or(|(_, first)| parts.len() > first.len()) {
                first = Some((end, parts));
            }
        }
    }
}
