//! The model list: what exists, and how `GET models` pages through it.

use serde_json::{Value, json};

/// One model of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// The id without `models/`.
    pub id: String,
    /// Whether `generateContent` works on it; embedding models only list.
    pub generates: bool,
}

impl Model {
    /// A model that generates.
    pub fn new(id: &str) -> Model {
        Model { id: id.to_owned(), generates: true }
    }

    pub(super) fn json(&self) -> Value {
        let thinks = self.generates && !self.id.contains("gemma");
        let methods: &[&str] = if self.generates {
            &["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"]
        } else {
            &["embedContent"]
        };
        let mut model = json!({
            "name": format!("models/{}", self.id),
            "version": "001",
            "displayName": self.id.split('-').map(capital).collect::<Vec<_>>().join(" "),
            "description": "A model of the sandbox",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": methods,
        });
        if self.generates {
            model["temperature"] = json!(1);
            model["topP"] = json!(0.95);
            model["topK"] = json!(64);
            model["maxTemperature"] = json!(2);
        }
        if thinks {
            model["thinking"] = json!(true);
        }
        model
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Whether a model makes pictures.
pub(super) fn draws(id: &str) -> bool {
    id.split('-').any(|word| word == "image")
}

/// What the real list held in November 2026, in short.
pub(super) fn real() -> Vec<Model> {
    let ids = [
        "gemini-3.8-flash",
        "gemini-3.7-flash",
        "gemini-3.6-flash",
        "gemini-3.5-flash",
        "gemini-3.5-flash-lite",
        "gemini-3.1-flash-lite",
        "gemini-3.1-pro-preview",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
        "gemini-2.5-flash-lite",
        "gemini-flash-latest",
        "gemini-flash-lite-latest",
        "gemini-pro-latest",
        "gemini-3.1-flash-image",
        "gemini-2.5-flash-image",
        "gemma-3-27b-it",
    ];
    let mut models: Vec<Model> = ids.into_iter().map(Model::new).collect();
    models.push(Model { id: "gemini-embedding-001".to_owned(), generates: false });
    models
}

/// One page; `None` for a page token nobody gave out.
pub(super) fn page(models: &[Model], size: Option<usize>, token: Option<&str>) -> Option<Value> {
    let size = size.filter(|size| *size > 0).unwrap_or(50).min(1000);
    let from = match token.filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => models.iter().position(|model| page_token(model) == token)?,
    };
    let until = models.len().min(from + size);
    let mut page = json!({"models": models[from..until].iter().map(Model::json).collect::<Vec<_>>()});
    if let Some(next) = models.get(until) {
        page["nextPageToken"] = json!(page_token(next));
    }
    Some(page)
}

/// Opaque, as the real one: the id of the next model in hexadecimal.
fn page_token(next: &Model) -> String {
    next.id.bytes().fold("Ch".to_owned(), |token, byte| format!("{token}{byte:02x}"))
}
