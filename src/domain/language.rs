//! The languages in which the bot speaks of itself: one for each file in `src/telegram/locales`, listed by `build.rs`.

use serde::{Deserialize, Serialize};

// The codes, in their order.
include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language, as its place among all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(usize);

/// A code that is no language of ours.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no such language ({})", CODES.join(", "))]
pub struct UnknownLanguage;

impl Language {
    /// English, which has every text.
    pub const EN: Language = of("en");
    /// Chinese.
    pub const ZH: Language = of("zh");

    /// All languages, in the order of their codes.
    pub const ALL: [Language; CODES.len()] = {
        let mut all = [Language(0); CODES.len()];
        let mut place = 0;
        while place < all.len() {
            all[place] = Language(place);
            place += 1;
        }
        all
    };

    /// Its place among all.
    pub const fn place(self) -> usize {
        self.0
    }

    /// The code in configuration and commands: two letters of ISO 639.
    pub const fn code(self) -> &'static str {
        CODES[self.0]
    }

    /// The language of a BCP 47 tag by its prefix (`zh-hans`, `zh-hant`, `en-GB`); none if unknown.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

impl Default for Language {
    fn default() -> Language {
        Language::EN
    }
}

impl TryFrom<String> for Language {
    type Error = UnknownLanguage;

    fn try_from(code: String) -> Result<Language, UnknownLanguage> {
        code.parse()
    }
}

impl std::str::FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Language, UnknownLanguage> {
        Language::ALL.into_iter().find(|language| language.code() == code).ok_or(UnknownLanguage)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.code().to_owned()
    }
}

/// The language with this code; there must be one.
const fn of(code: &str) -> Language {
    let mut place = 0;
    while place < CODES.len() {
        let (one, other) = (CODES[place].as_bytes(), code.as_bytes());
        if one[0] == other[0] && one[1] == other[1] {
            return Language(place);
        }
        place += 1;
    }
    panic!("a language that the program names itself has no file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_by_its_prefix() {
        let cases = [
            ("zh", Some(Language::ZH)),
            ("zh-hans", Some(Language::ZH)),
            ("zh-hant", Some(Language::ZH)),
            ("zh-TW", Some(Language::ZH)),
            ("ZH_cn.UTF-8", Some(Language::ZH)),
            ("en-US", Some(Language::EN)),
            ("en", Some(Language::EN)),
            ("zho", None),
            ("xx", None),
            ("", None),
        ];
        for (tag, language) in cases {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn a_language_is_stored_by_its_code() {
        for language in Language::ALL {
            let written = serde_json::to_string(&language).expect("a code");
            assert_eq!(written, format!("\"{}\"", language.code()));
            assert_eq!(serde_json::from_str::<Language>(&written).ok(), Some(language));
        }
        assert!(serde_json::from_str::<Language>("\"xx\"").is_err());
    }
}
