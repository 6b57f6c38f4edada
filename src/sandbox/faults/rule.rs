//! Which calls a fault hits. The grammar of `svs sandbox --fail`:
//!
//! ```text
//! rules  = rule { "," rule }
//! rule   = target [ ":" model ] "=" fault [ "@" when ] [ "%" percent ]
//! target = "*"            every key
//!        | "A"            every key of group A (A1, A2, …); also "R", the two router keys
//!        | "A1"           one key, by its label
//! model  = "lite" | "flash" | "pro" | "image" | an exact model id
//! when   = "3"            only the third call this rule could hit
//!        | "3-5" | "3-"   the third to the fifth; from the third on
//!        | "10s-60s"      between 10 and 60 seconds after the rule was set; "10s-" from then on
//! ```
//! `A1=429,B=503,*:pro=limit0,A2=hang@3,*=500%10`. The first rule that hits decides.

use std::sync::Mutex;
use std::sync::PoisonError;

use super::Fault;

/// When a rule is in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    Always,
    /// From the n-th to the m-th matching call, counted from 1.
    Calls(u64, u64),
    /// From so many milliseconds after the rule was set until so many.
    Span(i64, i64),
}

/// One scripted fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    target: String,
    model: Option<String>,
    fault: Fault,
    when: When,
    percent: u8,
}

impl Rule {
    /// `fault` for every call of `target`: `*`, a group letter or a key label.
    pub fn new(target: &str, fault: Fault) -> Rule {
        Rule { target: target.to_owned(), model: None, fault, when: When::Always, percent: 100 }
    }

    /// Only for this model: `lite`, `flash`, `pro`, `image` or an exact id.
    #[must_use]
    pub fn model(self, model: &str) -> Rule {
        Rule { model: Some(model.to_owned()), ..self }
    }

    /// Only from the `first` to the `last` matching call, counted from 1.
    #[must_use]
    pub fn calls(self, first: u64, last: u64) -> Rule {
        Rule { when: When::Calls(first, last), ..self }
    }

    /// Only between so many milliseconds after the rule was set and so many.
    #[must_use]
    pub fn span_ms(self, from: i64, until: i64) -> Rule {
        Rule { when: When::Span(from, until), ..self }
    }

    /// Only for so many of a hundred calls, by the seed of the sandbox.
    #[must_use]
    pub fn percent(self, percent: u8) -> Rule {
        Rule { percent, ..self }
    }

    /// Read the rules of one `--fail` argument.
    pub fn parse_all(text: &str) -> Result<Vec<Rule>, BadRule> {
        text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(Rule::parse).collect()
    }

    fn parse(text: &str) -> Result<Rule, BadRule> {
        let bad = |why: &str| BadRule { rule: text.to_owned(), why: why.to_owned() };
        let (place, effect) = text.split_once('=').ok_or_else(|| bad("expected target=fault"))?;
        let (target, model) = match place.split_once(':') {
            Some((target, model)) => (target.trim(), Some(model.trim())),
            None => (place.trim(), None),
        };
        let known = target == "*" || (!target.is_empty() && target.chars().all(char::is_alphanumeric));
        if !known {
            return Err(bad("the target is a key label such as A1, a group such as A, or *"));
        }
        if model == Some("") {
            return Err(bad("the model after the colon is empty"));
        }
        let (effect, percent) = match effect.split_once('%') {
            Some((effect, percent)) => {
                let percent = percent.trim().parse().ok().filter(|p| (1..=100).contains(p));
                (effect, percent.ok_or_else(|| bad("the percentage is a number from 1 to 100"))?)
            }
            None => (effect, 100),
        };
        let (name, when) = match effect.split_once('@') {
            Some((name, when)) => {
                let when = parse_when(when.trim());
                (name, when.ok_or_else(|| bad("after @ comes 3, 3-5, 3-, 10s-60s or 10s-"))?)
            }
            None => (effect, When::Always),
        };
        let name = name.trim();
        let fault = Fault::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = Fault::all().map(Fault::name).collect();
            bad(&format!("no fault is called {name:?}; known are: {}", names.join(" ")))
        })?;
        Ok(Rule { target: target.to_owned(), model: model.map(str::to_owned), fault, when, percent })
    }

    fn hits(&self, key: &str, model: &str) -> bool {
        let key_hit = self.target == "*"
            || self.target == key
            || key.strip_prefix(self.target.as_str()).is_some_and(|rest| match self.target.as_str() {
                "R" => rest == "A" || rest == "B",
                _ => !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) && is_group(&self.target),
            });
        key_hit
            && match self.model.as_deref() {
                None => true,
                Some("image") => model.contains("image"),
                Some("lite" | "flash-lite" | "flash" | "pro") if model.contains("image") => false,
                Some("lite" | "flash-lite") => model.contains("lite"),
                Some("flash") => model.contains("flash") && !model.contains("lite"),
                Some("pro") => model.contains("pro"),
                Some(id) => model == id,
            }
    }
}

/// A group is a word without a digit: `A1` must not hit `A12`.
fn is_group(target: &str) -> bool {
    target.bytes().all(|b| b.is_ascii_alphabetic())
}

fn parse_when(text: &str) -> Option<When> {
    let seconds = |text: &str| text.strip_suffix('s')?.parse::<u32>().ok().map(|s| i64::from(s) * 1000);
    match text.split_once('-') {
        None => text.parse().ok().filter(|n| *n > 0).map(|n| When::Calls(n, n)),
        Some((from, until)) if from.ends_with('s') => {
            let until = if until.is_empty() { i64::MAX } else { seconds(until)? };
            Some(When::Span(seconds(from)?, until))
        }
        Some((first, last)) => {
            let last = if last.is_empty() { u64::MAX } else { last.parse().ok()? };
            let first = first.parse().ok().filter(|n| *n > 0 && *n <= last)?;
            Some(When::Calls(first, last))
        }
    }
}

/// A rule that cannot be read, with the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRule {
    rule: String,
    why: String,
}

impl std::fmt::Display for BadRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bad fault rule {:?}: {}", self.rule, self.why)
    }
}

impl std::error::Error for BadRule {}

struct Armed {
    rule: Rule,
    since: i64,
    seen: u64,
}

/// The rules in force, in order.
pub(in crate::sandbox) struct Rules(Mutex<(Vec<Armed>, fastrand::Rng)>);

impl Rules {
    pub(in crate::sandbox) fn new(seed: u64) -> Rules {
        Rules(Mutex::new((Vec::new(), fastrand::Rng::with_seed(seed))))
    }

    pub(in crate::sandbox) fn add(&self, rule: Rule, now: i64) {
        self.lock().0.push(Armed { rule, since: now, seen: 0 });
    }

    pub(in crate::sandbox) fn clear(&self) {
        self.lock().0.clear();
    }

    /// The fault for this generation; counts the call for every rule that could hit it.
    pub(in crate::sandbox) fn pick(&self, key: &str, model: &str, now: i64) -> Option<Fault> {
        self.first(now, |rule| rule.hits(key, model))
    }

    /// The fault for this listing of models: those that hit a key or a host, not a model or an answer.
    pub(in crate::sandbox) fn pick_for_listing(&self, key: &str, now: i64) -> Option<Fault> {
        self.first(now, |rule| rule.model.is_none() && rule.fault.hits_listing() && rule.hits(key, ""))
    }

    fn first(&self, now: i64, could_hit: impl Fn(&Rule) -> bool) -> Option<Fault> {
        let mut guard = self.lock();
        let (armed, rng) = &mut *guard;
        let mut picked = None;
        for armed in armed.iter_mut().filter(|armed| could_hit(&armed.rule)) {
            armed.seen += 1;
            let in_force = match armed.rule.when {
                When::Always => true,
                When::Calls(first, last) => (first..=last).contains(&armed.seen),
                When::Span(from, until) => (from..until).contains(&(now - armed.since)),
            };
            if picked.is_none()
                && in_force
                && (armed.rule.percent >= 100 || rng.u8(..100) < armed.rule.percent)
            {
                picked = Some(armed.rule.fault);
            }
        }
        picked
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Vec<Armed>, fastrand::Rng)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Rule, Rules};

    fn rules(text: &str) -> Rules {
        let rules = Rules::new(1);
        for rule in Rule::parse_all(text).unwrap() {
            rules.add(rule, 0);
        }
        rules
    }

    #[test]
    fn a_target_is_a_key_a_group_or_everything() {
        let table = [
            ("A1=429", "A1", true),
            ("A1=429", "A12", false),
            ("A=429", "A12", true),
            ("A=429", "B1", false),
            ("R=429", "RA", true),
            ("R=429", "RB", true),
            ("RA=429", "RB", false),
            ("*=429", "anything", true),
        ];
        for (text, key, hit) in table {
            assert_eq!(rules(text).pick(key, "gemini-3.8-flash", 0).is_some(), hit, "{text} {key}");
        }
    }

    #[test]
    fn a_model_word_does_not_mix_flash_with_flash_lite() {
        let table = [
            ("flash", "gemini-3.8-flash", true),
            ("flash", "gemini-3.5-flash-lite", false),
            ("lite", "gemini-3.5-flash-lite", true),
            ("pro", "gemini-3.1-pro-preview", true),
            ("gemini-3.8-flash", "gemini-3.8-flash", true),
            ("gemini-3.8", "gemini-3.8-flash", false),
            ("image", "gemini-3.1-flash-image", true),
            ("flash", "gemini-3.1-flash-image", false),
            ("gemini-3.1-flash-image", "gemini-3.1-flash-image", true),
        ];
        for (word, model, hit) in table {
            assert_eq!(rules(&format!("*:{word}=503")).pick("A1", model, 0).is_some(), hit, "{word} {model}");
        }
    }

    #[test]
    fn a_rule_counts_only_the_calls_it_could_hit() {
        let rules = rules("A2=hang@3, B=503@2-3");
        let picks: Vec<_> =
            ["A2", "A1", "A2", "A2", "A2"].iter().map(|key| rules.pick(key, "m", 0)).collect();
        assert_eq!(picks, [None, None, None, Some(Fault::Hang), None]);
        let picks: Vec<_> = (0..4).map(|_| rules.pick("B1", "m", 0).is_some()).collect();
        assert_eq!(picks, [false, true, true, false]);
    }

    #[test]
    fn a_span_begins_when_the_rule_is_set() {
        let rules = rules("*=503@10s-60s");
        let hit = |now| rules.pick("A1", "m", now).is_some();
        assert!(!hit(9_999) && hit(10_000) && hit(59_999) && !hit(60_000));
    }

    #[test]
    fn a_percentage_hits_about_that_often() {
        let rules = rules("*=500%10");
        let hits = (0..10_000).filter(|_| rules.pick("A1", "m", 0).is_some()).count();
        assert!((800..1_200).contains(&hits), "{hits}");
    }

    #[test]
    fn a_bad_rule_says_what_is_known() {
        let table = [
            ("A1", "target=fault"),
            ("A1=nope", "429day"),
            ("=429", "label"),
            ("A1=429@0", "after @"),
            ("A1=429%0", "1 to 100"),
            ("*:=429", "empty"),
        ];
        for (text, says) in table {
            let error = Rule::parse_all(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
