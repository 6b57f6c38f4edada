//! The Fluent catalogs, embedded in the binary.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::keys::Key;
use crate::domain::chat::Language;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;

// The file of every language, in the order of `Language::ALL`.
include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// All texts; clones share them.
#[derive(Clone)]
pub(crate) struct Texts(Arc<[FluentBundle<FluentResource>]>);

impl Texts {
    /// Reads the embedded catalogs.
    pub(crate) fn load() -> Texts {
        Texts(Language::ALL.into_iter().map(|language| read(language, SOURCES[language.place()])).collect())
    }

    /// A text without variables.
    pub(crate) fn get(&self, language: Language, key: Key) -> String {
        self.render(language, key, [])
    }

    /// A text with its variables.
    pub(crate) fn render<'a, const N: usize>(
        &self,
        language: Language,
        key: Key,
        variables: [(&'a str, FluentValue<'a>); N],
    ) -> String {
        // What a new file does not have yet is said in English; a test names it.
        let found = [language, Language::EN].into_iter().find_map(|language| {
            let bundle = &self.0[language.place()];
            Some((bundle, bundle.get_message(key.id())?.value()?))
        });
        let Some((bundle, pattern)) = found else { return key.id().to_owned() };
        let arguments = FluentArgs::from_iter(variables);
        // A missing variable shows as {$name}; the tests render every text, so none does.
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// A role by its name.
    pub(crate) fn role(&self, language: Language, role: Role) -> String {
        let key = match role {
            Role::Owner => Key::RoleOwner,
            Role::Vip => Key::RoleVip,
            Role::Premium => Key::RolePremium,
            Role::Normal => Key::RoleNormal,
            Role::Guest => Key::RoleGuest,
        };
        self.get(language, key)
    }
}

impl Texts {
    /// What a language calls itself.
    pub(crate) fn language_name(&self, language: Language) -> String {
        self.language_names(language).swap_remove(0)
    }

    /// The language that somebody means: by its code, as a tag, or by a name.
    pub(crate) fn language_called(&self, words: &str) -> Option<Language> {
        let wished = words.trim().to_lowercase();
        let named = |language: &Language| {
            self.language_names(*language).iter().any(|name| name.to_lowercase() == wished)
        };
        Language::of_tag(&wished).or_else(|| Language::ALL.into_iter().find(named))
    }

    fn language_names(&self, language: Language) -> Vec<String> {
        self.get(language, Key::LangNames)
            .split([',', '，', '、'])
            .map(|name| name.trim().to_owned())
            .collect()
    }
}

/// What people call a model; the same in every language.
pub(crate) const fn model_name(model: ModelSlot) -> &'static str {
    match model {
        ModelSlot::FlashLite => "Flash-Lite",
        ModelSlot::Flash => "Flash",
        ModelSlot::Pro => "Pro",
        ModelSlot::Image => "Image",
    }
}

/// A text as a variable.
pub(crate) fn word<'a>(text: impl Into<Cow<'a, str>>) -> FluentValue<'a> {
    FluentValue::String(text.into())
}

fn read(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks are for mixing directions of writing; on phones they show as boxes.
    bundle.set_use_isolating(false);
    // What can be read of a damaged file is used; a test holds both files to be whole.
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The variables of every message, read without Fluent.
    fn messages(source: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut messages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut current = "";
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((id, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                assert!(messages.insert(id, BTreeSet::new()).is_none(), "{id} stands twice");
                current = id;
            }
            for variable in line.split('$').skip(1) {
                let end = variable.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(variable.len());
                messages.entry(current).or_default().insert(&variable[..end]);
            }
        }
        messages
    }

    fn source(language: Language) -> &'static str {
        SOURCES[language.place()]
    }

    #[test]
    fn every_language_has_every_text_with_the_same_variables() {
        let english = messages(source(Language::EN));
        let ids: BTreeSet<&str> = Key::ALL.iter().map(|key| key.id()).collect();
        assert_eq!(english.keys().copied().collect::<BTreeSet<_>>(), ids);
        for language in Language::ALL {
            let (file, own) = (format!("{}.ftl", language.code()), messages(source(language)));
            for (id, variables) in &english {
                assert!(own.contains_key(id), "{file} lacks {id}");
                assert_eq!(own.get(id), Some(variables), "{file}: the variables of {id}");
            }
            let unknown: Vec<&&str> = own.keys().filter(|id| !english.contains_key(*id)).collect();
            assert!(unknown.is_empty(), "{file} has {unknown:?}, which nobody says");
        }
    }

    #[test]
    fn every_text_is_whole_and_has_no_marks_of_direction() {
        for source in SOURCES {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
        let texts = Texts::load();
        for language in Language::ALL {
            for key in Key::ALL {
                let text = texts.get(language, *key);
                assert_ne!(text, key.id());
                assert!(!text.contains(['\u{2068}', '\u{2069}']) && !text.ends_with('\n'), "{text:?}");
            }
        }
    }

    #[test]
    fn chinese_texts_use_chinese_punctuation() {
        for line in source(Language::ZH).lines().filter(|line| !line.starts_with('#')) {
            let halves = ["，", "。", "：", "？", "！"].map(std::borrow::ToOwned::to_owned).join("");
            for pair in line.chars().collect::<Vec<_>>().windows(2) {
                let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                assert!(!(is_chinese(pair[0]) && ",.:?!;()".contains(pair[1])), "{line} (use {halves})");
            }
        }
    }

    #[test]
    fn a_language_is_called_by_its_code_and_its_names() {
        let texts = Texts::load();
        let cases = [
            ("zh", Some(Language::ZH)),
            ("ZH-Hant", Some(Language::ZH)),
            ("中文", Some(Language::ZH)),
            ("Chinese", Some(Language::ZH)),
            ("english", Some(Language::EN)),
            ("英文", Some(Language::EN)),
            ("", None),
            ("klingon", None),
        ];
        for (words, language) in cases {
            assert_eq!(texts.language_called(words), language, "{words}");
        }
        assert_eq!(texts.language_name(Language::EN), "English");
        assert_eq!(texts.language_name(Language::ZH), "中文");
    }

    #[test]
    fn a_plural_follows_its_number() {
        let texts = Texts::load();
        let cleared = |n: u32| texts.render(Language::EN, Key::NewDone, [("rounds", n.into())]);
        assert_eq!(cleared(1), "New conversation (1 round cleared).");
        assert_eq!(cleared(3), "New conversation (3 rounds cleared).");
    }

    #[test]
    fn the_texts_shown_in_profiles_and_menus_fit_there() {
        let texts = Texts::load();
        for language in Language::ALL {
            for key in Key::ALL.iter().filter(|key| key.id().starts_with("command-")) {
                let length = texts.get(language, *key).encode_utf16().count();
                assert!((3..=256).contains(&length), "{key:?}");
            }
            for key in [Key::NotYours, Key::NotLatest, Key::ButtonGone, Key::StopDone, Key::StopNothing] {
                assert!(texts.get(language, key).encode_utf16().count() <= 200);
            }
            for (key, most) in [(Key::Description, 512), (Key::DescriptionShort, 120)] {
                assert!((20..=most).contains(&texts.get(language, key).encode_utf16().count()), "{key:?}");
            }
        }
    }
}
