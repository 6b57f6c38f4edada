//! An answer while it is being written.
use super::marked;
use crate::telegram::markdown::{Limits, render_growing};

fn grown(markdown: &str) -> String {
    render_growing(markdown, Limits::default()).iter().map(marked).collect()
}

#[test]
fn what_may_become_markup_waits() {
    let cases = [
        ("a **", "a"),
        ("a **b", "a <b>b</b>"),
        ("a **b*", "a <b>b</b>"),
        ("a **b**", "a <b>b</b>"),
        ("a *b", "a <i>b</i>"),
        ("text\n-", "text"),
        ("text\n- ", "text"),
        ("text\n##", "text"),
        ("text\n1.", "text"),
        ("text\n``", "text"),
        ("text\n```", "text"),
        ("text\n```py", "text"),
        ("```py\nx\n``", "<pre py>x</pre>"),
        ("```py\nx\n```", "<pre py>x</pre>"),
        ("see [the do", "see the do"),
        ("see [the docs](https://exa", "see the docs"),
        ("see [the docs](https://exa.mple)", "see <a https://exa.mple>the docs</a>"),
        ("t\n\n| a | b |", "t"),
        ("t\n\n| a | b |\n|--", "t"),
        ("t\n\n| a | b |\n|--|--|\n| 1", "t\n\n<pre>a | b\n--+--\n1 |</pre>"),
        ("so $$x = \\frac{a}{", "so x ="),
        ("so \\(x", "so"),
        ("Title\n--", "Title"),
        ("", ""),
    ];
    for (markdown, shown) in cases {
        assert_eq!(grown(markdown), shown, "{markdown:?}");
    }
}

#[test]
fn what_was_shown_stays_while_more_comes() {
    for (name, markdown, _) in super::golden::ANSWERS {
        let step = if markdown.len() > 5000 { 97 } else { 3 };
        // A table is shown in another way when a row shows that it is too wide; columns grow with their cells.
        let may_lose = if matches!(*name, "en-compare" | "zh-history") { 120 } else { 30 };
        let mut before: Vec<char> = Vec::new();
        for end in (0..markdown.len()).step_by(step).filter(|end| markdown.is_char_boundary(*end)) {
            let parts = render_growing(&markdown[..end], Limits::default());
            parts.iter().for_each(super::check_legal);
            let text = parts.iter().flat_map(|part| part.text.chars()).filter(|c| !c.is_whitespace());
            let text: Vec<char> = text.collect();
            let same = before.iter().zip(&text).take_while(|(a, b)| a == b).count();
            let lost = before[same..].iter().collect::<String>();
            assert!(before.len() - same <= may_lose, "{name} at {end}: {lost:?} was shown");
            before = text;
        }
    }
}
