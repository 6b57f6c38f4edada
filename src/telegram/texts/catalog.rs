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

const ZH: &str = include_str!("../locales/zh.ftl");
const EN: &str = include_str!("../locales/en.ftl");

/// All texts; clones share them.
#[derive(Clone)]
pub(crate) struct Texts(Arc<[FluentBundle<FluentResource>; 2]>);

impl Texts {
    /// Reads the embedded catalogs.
    pub(crate) fn load() -> Texts {
        Texts(Arc::new([read(Language::Zh, ZH), read(Language::En, EN)]))
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
        let bundle = &self.0[language as usize];
        let Some(pattern) = bundle.get_message(key.id()).and_then(|message| message.value()) else {
            return key.id().to_owned();
        };
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

    #[test]
    fn both_languages_have_every_text_with_the_same_variables() {
        let zh = messages(ZH);
        assert_eq!(zh, messages(EN));
        let ids: BTreeSet<&str> = Key::ALL.iter().map(|key| key.id()).collect();
        assert_eq!(zh.keys().copied().collect::<BTreeSet<_>>(), ids);
    }

    #[test]
    fn every_text_is_whole_and_has_no_marks_of_direction() {
        for source in [ZH, EN] {
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
        for line in ZH.lines().filter(|line| !line.starts_with('#')) {
            let halves = ["，", "。", "：", "？", "！"].map(std::borrow::ToOwned::to_owned).join("");
            for pair in line.chars().collect::<Vec<_>>().windows(2) {
                let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                assert!(!(is_chinese(pair[0]) && ",.:?!;()".contains(pair[1])), "{line} (use {halves})");
            }
        }
    }

    #[test]
    fn a_plural_follows_its_number() {
        let texts = Texts::load();
        let cleared = |n: u32| texts.render(Language::En, Key::NewDone, [("rounds", n.into())]);
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
        }
    }
}
