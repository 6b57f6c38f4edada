//! The handle by which a test or a terminal steers the fake Gemini server.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::body::Bytes;
use tokio::sync::broadcast;

use super::answers::{Answer, Asked, stable_hash};
use super::media;
use super::models::{self, Model};
use super::odd::Oddities;
use super::quota::{ModelLimit, Quotas};
use super::record::{GeminiCall, Records};
use super::reply::{Said, Timing};
use crate::sandbox::faults::{BadRule, Rule, Rules};
use crate::sandbox::report::Report;
use crate::sandbox::witness::{Time, Witness};

/// A key the server knows.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) label: Arc<str>,
    pub(super) project: Arc<str>,
    /// The project number that some error bodies name.
    pub(super) number: u64,
}

/// Everything the server keeps.
pub(super) struct Inner {
    pub(super) time: Time,
    pub(super) records: Records,
    pub(super) rules: Rules,
    pub(super) quotas: Quotas,
    pub(super) odd: RwLock<Oddities>,
    keys: RwLock<HashMap<String, Arc<Key>>>,
    models: RwLock<Models>,
    answers: RwLock<Answers>,
}

struct Models {
    all: Vec<Model>,
    /// Per key label, where it differs.
    of_key: HashMap<String, Vec<Model>>,
}

struct Answers {
    usual: Answer,
    picture: Bytes,
    request_limit: usize,
    when: Vec<(String, Answer)>,
    timing: Timing,
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(super) fn key(&self, secret: &str) -> Option<Arc<Key>> {
        read(&self.keys).get(secret).map(Arc::clone)
    }

    /// What this key may list and use.
    pub(super) fn with_models<R>(&self, label: &str, look: impl FnOnce(&[Model]) -> R) -> R {
        let models = read(&self.models);
        look(models.of_key.get(label).unwrap_or(&models.all))
    }

    pub(super) fn timing(&self) -> Timing {
        read(&self.answers).timing
    }

    pub(super) fn request_limit(&self) -> usize {
        read(&self.answers).request_limit
    }

    /// What is said, with the picture that models say it with that make some.
    pub(super) fn said(&self, text: String) -> Said {
        Said { text, picture: read(&self.answers).picture.clone() }
    }

    pub(super) fn answer(&self, asked: &Asked) -> String {
        let answer = {
            let answers = read(&self.answers);
            let special = answers.when.iter().find(|(needle, _)| asked.question.contains(needle.as_str()));
            special.map_or_else(|| answers.usual.clone(), |(_, answer)| answer.clone())
        };
        answer.text(asked)
    }
}

/// The fake Gemini server; clones steer the same one.
#[derive(Clone)]
pub struct Gemini(pub(super) Arc<Inner>);

impl Gemini {
    pub(in crate::sandbox) fn new(
        time: Time,
        witness: Witness,
        keep: usize,
        seed: u64,
        timing: Timing,
    ) -> Gemini {
        Gemini(Arc::new(Inner {
            time,
            records: Records::new(time, witness, keep),
            rules: Rules::new(seed),
            quotas: Quotas::default(),
            odd: RwLock::default(),
            keys: RwLock::default(),
            models: RwLock::new(Models { all: models::real(), of_key: HashMap::new() }),
            answers: RwLock::new(Answers {
                usual: Answer::default(),
                picture: Bytes::from_static(media::PICTURE),
                request_limit: media::REQUEST_LIMIT,
                when: Vec::new(),
                timing,
            }),
        }))
    }

    /// Accept `secret` from now on, as `label`, with the quota of `project`.
    pub fn register_key(&self, label: &str, secret: &str, project: &str) {
        let number = 100_000_000_000 + stable_hash(project) % 900_000_000_000;
        let key = Key { label: label.into(), project: project.into(), number };
        write(&self.0.keys).insert(secret.to_owned(), Arc::new(key));
    }

    /// Refuse the key of this label from now on, as one that was deleted.
    pub fn remove_key(&self, label: &str) {
        write(&self.0.keys).retain(|_, key| &*key.label != label);
    }

    /// Label, secret and project of every key, by label.
    pub fn keys(&self) -> Vec<(String, String, String)> {
        let keys = read(&self.0.keys);
        let row = |(secret, key): (&String, &Arc<Key>)| {
            (key.label.to_string(), secret.clone(), key.project.to_string())
        };
        let mut rows: Vec<_> = keys.iter().map(row).collect();
        rows.sort();
        rows
    }

    /// The models that exist.
    pub fn set_models(&self, models: Vec<Model>) {
        write(&self.0.models).all = models;
    }

    /// The models of one key, where they differ.
    pub fn set_models_of(&self, label: &str, models: Vec<Model>) {
        write(&self.0.models).of_key.insert(label.to_owned(), models);
    }

    /// What to answer from now on.
    pub fn answer(&self, answer: Answer) {
        write(&self.0.answers).usual = answer;
    }

    /// What to answer to questions that contain `needle`; the first that fits counts.
    pub fn answer_when(&self, needle: &str, answer: Answer) {
        write(&self.0.answers).when.push((needle.to_owned(), answer));
    }

    /// The picture that models answer with that make some; an empty one is none.
    pub fn set_picture(&self, picture: impl Into<Bytes>) {
        write(&self.0.answers).picture = picture.into();
    }

    /// Bytes of the largest request that is taken.
    pub fn set_request_limit(&self, bytes: usize) {
        write(&self.0.answers).request_limit = bytes;
    }

    /// How fast, and in what pieces.
    pub fn set_timing(&self, timing: Timing) {
        write(&self.0.answers).timing = timing;
    }

    /// Add the rules of a `--fail` argument, as `A1=429,B:pro=503@2-`.
    pub fn fail(&self, rules: &str) -> Result<(), BadRule> {
        Rule::parse_all(rules)?.into_iter().for_each(|rule| self.add_rule(rule));
        Ok(())
    }

    /// Add one rule.
    pub fn add_rule(&self, rule: Rule) {
        self.0.rules.add(rule, self.0.time.now());
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        self.0.rules.clear();
    }

    /// Enforce quotas from now on, per project and model; an empty list enforces nothing.
    pub fn enforce(&self, limits: Vec<ModelLimit>) {
        self.0.quotas.set(limits);
    }

    /// The calls so far, oldest first; at most as many as `Options::remember`.
    pub fn calls(&self) -> Vec<GeminiCall> {
        self.0.records.calls()
    }

    /// The generations so far.
    pub fn generations(&self) -> Vec<GeminiCall> {
        self.calls().into_iter().filter(GeminiCall::is_generation).collect()
    }

    /// How many calls came, those no longer remembered among them.
    pub fn call_count(&self) -> u64 {
        self.0.records.count()
    }

    /// How many replies are not finished.
    pub fn in_flight(&self) -> usize {
        self.0.records.running()
    }

    /// Forget the calls so far; the witness file keeps them.
    pub fn forget_calls(&self) {
        self.0.records.forget();
    }

    /// Every call from now on, as it arrives.
    pub fn watch(&self) -> broadcast::Receiver<GeminiCall> {
        self.0.records.watch()
    }

    /// The worst that happened to each project, model and key so far.
    pub fn report(&self) -> Report {
        self.0.records.report()
    }
}
