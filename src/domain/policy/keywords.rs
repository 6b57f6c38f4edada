//! Words that call the bot in a group where nobody mentions it.
//!
//! Case and width make no difference, nor how a letter and its marks are encoded (NFKC). In scripts that put spaces
//! between words a keyword is a whole word: "bot" is not in "robots". Chinese, Japanese, Korean, Thai and their like
//! do not, or hang endings on a word: there it may stand anywhere.

use icu_normalizer::ComposingNormalizerBorrowed;

/// The longest keyword, in characters.
pub const LONGEST: usize = 64;

/// What is listened for; often nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keywords(Vec<Keyword>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Keyword {
    written: String,
    folded: String,
}

impl Keywords {
    /// Listens for one more; false if it is heard already, or is nothing that can be heard: blank, or longer than
    /// [`LONGEST`].
    pub fn add(&mut self, word: &str) -> bool {
        let (written, folded) = (word.trim().to_owned(), fold(word.trim()));
        let is_new = self.0.iter().all(|keyword| keyword.folded != folded);
        let fits = (1..=LONGEST).contains(&written.chars().count()) && !folded.trim().is_empty();
        if is_new && fits {
            self.0.push(Keyword { written, folded });
        }
        is_new && fits
    }

    /// Whether there is nothing to listen for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keywords as they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|keyword| keyword.written.as_str())
    }

    /// The first keyword, in their own order, that a text has in it, as it was written.
    pub fn find(&self, text: &str) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        let text = fold(text);
        let found = self.0.iter().find(|keyword| has_word(&text, &keyword.folded));
        found.map(|keyword| keyword.written.as_str())
    }
}

fn fold(text: &str) -> String {
    let lower = ComposingNormalizerBorrowed::new_nfkc().normalize(text).to_lowercase();
    // The small form of a letter may be two signs that have a form together.
    ComposingNormalizerBorrowed::new_nfkc().normalize(&lower).into_owned()
}

/// Whether `word` stands in `text` and does not run on into a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let runs_on = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(is_spaced) && outside.is_some_and(is_spaced)
    };
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !runs_on(word.chars().next(), before.chars().next_back())
            && !runs_on(word.chars().next_back(), after.chars().next())
    })
}

/// Whether this is part of a word in a script that puts spaces between words.
fn is_spaced(c: char) -> bool {
    let is_joined = matches!(c,
        // Thai, Lao; Burmese; Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, Bopomofo, Han, Hangul.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    (c.is_alphanumeric() || c == '_') && !is_joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn heard(words: &[&str], text: &str) -> Option<String> {
        let mut keywords = Keywords::default();
        for word in words {
            keywords.add(word);
        }
        keywords.find(text).map(str::to_owned)
    }

    #[test]
    fn a_keyword_is_a_whole_word_where_words_have_spaces_and_stands_anywhere_elsewhere() {
        let cases = [
            ("bot", "hey bot, why?", true),
            ("bot", "Bot!", true),
            ("bot", "robots", false),
            ("bot", "bots", false),
            ("bot", "my_bot", false),
            ("bot", "bot2", false),
            ("bot", "ROBOT or bot", true),
            ("bot", "问bot一下", true),
            ("bot", "ｂｏｔ 在吗", true),
            ("小助手", "请问小助手在吗", true),
            ("小助手", "小助 手", false),
            ("Gemini 助手", "叫GEMINI 助手来", true),
            ("助手ai", "助手AIR", false),
            ("助手ai", "我的助手AI呢", true),
            ("가나", "가나에게", true),
            ("café", "un cafe\u{301} noir", true),
            ("café", "cafés", false),
            ("бот", "Бот, привет", true),
            ("бот", "работа", false),
            ("c++", "is c++ hard?", true),
            ("🤖", "hm🤖hm", true),
            ("straße", "STRASSE", false),
        ];
        for (word, text, is_heard) in cases {
            assert_eq!(heard(&[word], text).is_some(), is_heard, "{word} in {text}");
        }
    }

    #[test]
    fn the_first_keyword_is_named_as_it_was_written() {
        assert_eq!(heard(&["Bot", "小助手"], "小助手 bot").as_deref(), Some("Bot"));
        assert_eq!(heard(&["小助手", "Bot"], "小助手 bot").as_deref(), Some("小助手"));
        assert_eq!(heard(&[], "anything"), None);
    }

    #[test]
    fn what_cannot_be_heard_or_is_heard_already_is_no_keyword() {
        let mut keywords = Keywords::default();
        assert!(keywords.add(" Bot "));
        for word in ["", "  ", "\u{3000}", "bot", "ＢＯＴ", &"x".repeat(LONGEST + 1)] {
            assert!(!keywords.add(word), "{word:?}");
        }
        assert_eq!(keywords.iter().collect::<Vec<_>>(), ["Bot"]);
    }

    proptest! {
        #[test]
        fn a_keyword_between_spaces_is_heard(word in "\\PC{1,12}", before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let mut keywords = Keywords::default();
            if keywords.add(&word) {
                let text = format!("{before} {} {after}", word.trim());
                proptest::prop_assert_eq!(keywords.find(&text), Some(word.trim()));
            }
        }
    }
}
