//! What `svs keys check` asks: which models a key's project may use, and whether the configured ones are among them.
//!
//! Listing models spends no generation.

use std::collections::HashSet;

use serde_json::Value;

use super::client::GeminiClient;
use super::verdict::{Verdict, verdict};
use super::wire;
use crate::config::Secret;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::outcome::Outcome;

/// Pages read at most; today one page holds all.
const PAGES: usize = 10;

/// One model of a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ModelInfo {
    /// The id as it stands in configuration, without `models/`.
    pub(crate) id: String,
    /// Google's name for people.
    pub(crate) display_name: Option<String>,
    /// Whether it answers generateContent.
    pub(crate) generates: bool,
}

/// One configured model, compared with what exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SlotCheck {
    /// The slot.
    pub(crate) slot: ModelSlot,
    /// Its configured id.
    pub(crate) id: String,
    /// Whether the project lists it, for generateContent.
    pub(crate) found: bool,
    /// The existing id most like it, where it was not found.
    pub(crate) nearest: Option<String>,
}

impl GeminiClient {
    /// The models this key may use, or why that could not be told.
    pub(crate) async fn list_models(&self, key: &Secret) -> Result<Vec<ModelInfo>, Verdict> {
        let mut models = Vec::new();
        let mut seen = HashSet::new();
        let mut page = None;
        for _ in 0..PAGES {
            let body = self.models_page(key, page.as_deref()).await?;
            let (mut listed, next) = read_page(&body).ok_or_else(|| Verdict {
                outcome: Outcome::Unreachable { sent: true },
                ..verdict(200, &body)
            })?;
            models.append(&mut listed);
            match next {
                Some(next) if seen.insert(next.clone()) => page = Some(next),
                _ => break,
            }
        }
        Ok(models)
    }
}

/// The models of one page, and the token of the next.
fn read_page(body: &str) -> Option<(Vec<ModelInfo>, Option<String>)> {
    let page = wire::parse(body)?;
    let page = page.as_object()?;
    let models = page.get("models").and_then(Value::as_array);
    let listed = models.into_iter().flatten().filter_map(read_model).collect();
    let next = page.get("nextPageToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    (page.is_empty() || models.is_some()).then(|| (listed, next.map(str::to_owned)))
}

fn read_model(model: &Value) -> Option<ModelInfo> {
    let name = model.get("name")?.as_str()?;
    let methods = model.get("supportedGenerationMethods").and_then(Value::as_array);
    Some(ModelInfo {
        id: name.strip_prefix("models/").unwrap_or(name).to_owned(),
        display_name: model.get("displayName").and_then(Value::as_str).map(str::to_owned),
        generates: methods.is_none_or(|methods| methods.iter().any(|method| method == "generateContent")),
    })
}

/// Compares the configured ids with the listed models; slots without an id are left out.
pub(crate) fn check_models(configured: &PerModel<Option<String>>, listed: &[ModelInfo]) -> Vec<SlotCheck> {
    let generating: Vec<&str> =
        listed.iter().filter(|model| model.generates).map(|m| m.id.as_str()).collect();
    let check = |slot: ModelSlot| {
        let id = configured[slot].clone()?;
        let wanted = id.strip_prefix("models/").unwrap_or(&id);
        let found = generating.contains(&wanted);
        let nearest = if found { None } else { nearest(wanted, &generating) };
        Some(SlotCheck { slot, id, found, nearest })
    };
    ModelSlot::ALL.into_iter().filter_map(check).collect()
}

/// The id most like `wanted`; of equals the last in the alphabet, which is the newer version.
fn nearest(wanted: &str, existing: &[&str]) -> Option<String> {
    let likeness = |id: &str| {
        // `gemini-3.8-flash` and `gemini-3.8-flash-lite` are near in letters, not in kind.
        let kind =
            |id: &str| (id.contains("lite"), id.contains("flash"), id.contains("pro"), id.contains("image"));
        let same_kind = if kind(id) == kind(wanted) { 1.0 } else { 0.0 };
        same_kind + strsim::normalized_damerau_levenshtein(wanted, id)
    };
    let best = existing.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then_with(|| a.cmp(b)));
    best.map(|id| (*id).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str, generates: bool) -> ModelInfo {
        ModelInfo { id: id.to_owned(), display_name: None, generates }
    }

    #[test]
    fn a_missing_model_is_named_with_the_nearest_that_exists() {
        let listed = [
            model("gemini-3.5-flash-lite", true),
            model("gemini-3.7-flash", true),
            model("gemini-3.8-flash", true),
            model("gemini-3.1-pro-preview", true),
            model("gemini-embedding-001", false),
            model("gemini-3.9-flash", false),
        ];
        let cases = [
            ("gemini-3.8-flash", true, None),
            ("models/gemini-3.8-flash", true, None),
            ("gemini-3.9-flash", false, Some("gemini-3.8-flash")),
            ("gemini-3.8-flahs", false, Some("gemini-3.8-flash")),
            ("gemini-3.8-flash-lite", false, Some("gemini-3.5-flash-lite")),
            ("gemini-3.1-pro", false, Some("gemini-3.1-pro-preview")),
            ("gemini-embedding-01", false, Some("gemini-3.5-flash-lite")),
        ];
        for (id, found, nearest) in cases {
            let mut configured = PerModel::default();
            configured[ModelSlot::Flash] = Some(id.to_owned());
            let expected = SlotCheck {
                slot: ModelSlot::Flash,
                id: id.to_owned(),
                found,
                nearest: nearest.map(str::to_owned),
            };
            assert_eq!(check_models(&configured, &listed), [expected], "{id}");
        }
    }

    #[test]
    fn a_project_without_models_has_no_nearest() {
        let mut configured = PerModel::default();
        configured[ModelSlot::Pro] = Some("gemini-3.1-pro-preview".to_owned());
        assert_eq!(check_models(&configured, &[])[0].nearest, None);
    }

    #[test]
    fn a_page_is_read_leniently() {
        let page = r#"{"models":[{"name":"models/a","displayName":"A","supportedGenerationMethods":["generateContent"]},
            {"name":"models/b","supportedGenerationMethods":["embedContent"]},{"name":"c"},{"noName":1},7],
            "nextPageToken":"x"}"#;
        let (models, next) = read_page(page).expect("a page");
        let read: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.generates)).collect();
        assert_eq!(read, [("a", true), ("b", false), ("c", true)]);
        assert_eq!(next.as_deref(), Some("x"));
        assert_eq!(read_page("{}"), Some((vec![], None)));
        for no_page in ["", "[]", "<html>", r#"{"models":"#, r#"{"error":{}}"#] {
            assert_eq!(read_page(no_page), None, "{no_page}");
        }
    }
}
