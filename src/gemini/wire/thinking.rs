//! How much a model is to think, in the words its generation takes.

use serde::Serialize;

/// How much the model thinks: a level for 3.x, a budget in tokens for 2.5. Both at once are an error upstream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(in crate::gemini) enum Thinking {
    #[serde(rename = "thinkingLevel")]
    Level(&'static str),
    #[serde(rename = "thinkingBudget")]
    Budget(u32),
}

impl Thinking {
    /// What to send to the model `id`, configured to think at `level`; none when nothing is to be sent, or the model
    /// takes no such setting.
    ///
    /// The budgets are those Google's own compatibility layer puts for the levels; 512 is the least every 2.5 takes.
    pub(in crate::gemini) fn of_model(id: &str, level: Option<&str>, less: bool) -> Option<Thinking> {
        // `low` is the lowest level every 3.x knows; below it there is only `minimal`.
        let level = match (level, less) {
            (Some("low" | "minimal"), true) | (Some("minimal"), false) => "minimal",
            (_, true) | (Some("low"), false) => "low",
            (Some("medium"), false) => "medium",
            (Some("high"), false) => "high",
            (_, false) => return None,
        };
        match generation(id) {
            Generation::Levels => Some(Thinking::Level(level)),
            Generation::Budgets => Some(Thinking::Budget(match level {
                "minimal" => 512,
                "low" => 1024,
                "medium" => 8192,
                _ => 24_576,
            })),
            Generation::Neither => None,
        }
    }
}

enum Generation {
    Levels,
    Budgets,
    Neither,
}

fn generation(id: &str) -> Generation {
    let Some(name) = id.strip_prefix("gemini-") else { return Generation::Neither };
    if name.ends_with("-latest") {
        return Generation::Levels;
    }
    let version = name.split('-').next().unwrap_or_default();
    let mut numbers = version.split('.').map(|n| n.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(2), Some(5)) => Generation::Budgets,
        (Some(3..), _) => Generation::Levels,
        _ => Generation::Neither,
    }
}
