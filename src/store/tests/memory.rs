//! What a prompt remembers, whatever people do in whatever order, against a model that keeps no marks and no ids.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::domain::chat::{ChatId, ConversationId, Round, Turn, UserId};
use crate::domain::role::Role;
use crate::domain::rules::Rules;
use crate::domain::session::memory::turns;
use crate::store::{Cleared, Question, Tx};

/// Every interleaving is drawn from this and its number: the same each time.
const SEED: u64 = 33;
/// Interleavings of one transaction.
const BATCH: u64 = 250;

/// A conversation as a person thinks of it.
#[derive(Default)]
struct Model {
    /// What is remembered.
    visible: Vec<Round>,
    /// What each /new took away that was not undone, the latest last.
    hidden: Vec<(Cleared, Vec<Round>)>,
    latest: Option<Latest>,
    undos: Vec<Cleared>,
}

/// The latest question.
struct Latest {
    message_id: i64,
    text: String,
    is_answered: bool,
    is_hidden: bool,
}

/// One interleaving: conversations of its own, and a clock of update ids.
struct Walk<'a, 'c> {
    tx: &'a mut Tx<'c>,
    rng: fastrand::Rng,
    rules: &'a Rules,
    update_id: i64,
    serial: u32,
}

/// A text that no other conversation can contain.
fn marker(at: ConversationId) -> String {
    format!("<{}:{:?}:{}>", at.chat, at.topic, at.user)
}

impl Walk<'_, '_> {
    fn words(&mut self, at: ConversationId, kind: &str) -> String {
        self.serial += 1;
        format!("{} {kind} {}", marker(at), self.serial)
    }

    /// Anything a person can do.
    fn step(&mut self, at: ConversationId, model: &mut Model) {
        match self.rng.u8(..10) {
            0..=4 => self.ask(at, model),
            5 => self.retry(at, model),
            6 => self.edit(at, model),
            7 | 8 => self.begin_anew(at, model),
            _ => self.undo(at, model),
        }
    }

    fn ask(&mut self, at: ConversationId, model: &mut Model) {
        self.update_id += 1;
        let (update_id, message_id) = (self.update_id, self.update_id);
        let text = self.words(at, "question");
        let question = Question { update_id, message_id, text: text.clone(), enclosed: None, keyword: None };
        self.tx.ask(at, &question).expect("stored");
        model.latest = Some(Latest { message_id, text, is_answered: false, is_hidden: false });
        self.answer(at, model);
    }

    fn retry(&mut self, at: ConversationId, model: &mut Model) {
        self.update_id += 1;
        let asked = self.tx.asked(at).expect("readable").filter(|asked| !asked.is_hidden);
        let latest = model.latest.as_ref().filter(|latest| !latest.is_hidden);
        assert_eq!(asked.as_ref().map(|asked| &asked.question.text), latest.map(|latest| &latest.text));
        assert_eq!(asked.as_ref().map(|asked| asked.is_answered), latest.map(|latest| latest.is_answered));
        if asked.is_some() {
            self.tx.ask_again(at, self.update_id, &[]).expect("stored");
            self.answer(at, model);
        }
    }

    fn edit(&mut self, at: ConversationId, model: &mut Model) {
        self.update_id += 1;
        let Some(asked) = self.tx.asked(at).expect("readable").filter(|asked| !asked.is_hidden) else {
            return;
        };
        let text = self.words(at, "changed");
        self.tx.ask_changed(at, self.update_id, &text, None).expect("stored");
        let latest = model.latest.as_mut().expect("the store knows one");
        assert_eq!(asked.question.message_id, latest.message_id);
        latest.text = text;
        if std::mem::take(&mut latest.is_answered) {
            model.visible.pop();
        }
        self.answer(at, model);
    }

    /// The prompt of the latest question, as admission and the gateway build it; and an answer, if there comes one.
    fn answer(&mut self, at: ConversationId, model: &mut Model) {
        let role = Role::ALL[self.rng.usize(..Role::ALL.len())];
        let rounds = self.rules.roles[role].rounds;
        let update_id = Some(self.update_id);
        let latest = model.latest.as_mut().expect("asked");
        let stored = self.tx.rounds_for(at, rounds.max(1), update_id).expect("readable");
        let sent = turns(&stored, rounds, &latest.text);

        let before = model.visible.len() - usize::from(latest.is_answered);
        let mut expected: Vec<&str> = Vec::new();
        for round in &model.visible[before.saturating_sub(rounds as usize)..before] {
            expected.extend([round.question.as_str(), round.answer.as_str()]);
        }
        expected.push(&latest.text);
        let texts: Vec<&str> = sent.iter().map(|turn: &Turn| turn.text.as_str()).collect();
        assert_eq!(texts, expected, "{role}");
        assert!(texts.iter().all(|text| text.starts_with(&marker(at))), "another's words: {texts:?}");

        if self.rng.u8(..4) == 0 {
            // Nothing came of it: what there was stays.
            return;
        }
        let (question, is_again) = (latest.text.clone(), std::mem::replace(&mut latest.is_answered, true));
        let round = Round { question, answer: self.words(at, "answer") };
        self.tx.append_round(at, &round, "gemini", update_id).expect("stored");
        if is_again {
            model.visible.pop();
        }
        model.visible.push(round);
    }

    fn begin_anew(&mut self, at: ConversationId, model: &mut Model) {
        let cleared = self.tx.clear(at).expect("stored");
        let taken = std::mem::take(&mut model.visible);
        assert_eq!(cleared.map_or(0, |cleared| cleared.rounds) as usize, taken.len());
        if let Some(cleared) = cleared {
            model.hidden.push((cleared, taken));
            model.undos.push(cleared);
        }
        if let Some(latest) = &mut model.latest {
            latest.is_hidden = true;
        }
    }

    /// Any of the buttons that ever stood there, pressed for the first time or not.
    fn undo(&mut self, at: ConversationId, model: &mut Model) {
        if model.undos.is_empty() {
            return;
        }
        let pressed = model.undos[self.rng.usize(..model.undos.len())];
        let restored = self.tx.unclear(at, pressed.through, pressed.before).expect("stored");
        let works = model.hidden.last().is_some_and(|(cleared, _)| *cleared == pressed);
        assert_eq!(restored.is_some(), works, "{pressed:?}");
        if works && let Some((_, mut taken)) = model.hidden.pop() {
            taken.append(&mut model.visible);
            model.visible = taken;
            if let Some(latest) = &mut model.latest {
                latest.is_hidden = false;
            }
        }
    }
}

/// I33: a user in private, in a group and in its topics, users beside one another in the same places, every command, in
/// any order: each prompt holds exactly the last rounds of its own conversation, as its role has them.
#[tokio::test]
async fn no_prompt_carries_another_conversations_text() {
    let (_dir, store, _) = fresh();
    // Many that are short, and some in which a conversation gets somewhere.
    walk(&store, 0..10_000, 5, 2).await;
    walk(&store, 10_000..10_250, 60, 4).await;
}

/// Walks the interleavings of these numbers: so many steps of so many conversations each.
async fn walk(store: &Store, numbers: Range<u64>, steps: usize, speaking: usize) {
    let current = Arc::new(AtomicU64::new(0));
    for first in numbers.clone().step_by(BATCH as usize) {
        let at_work = Arc::clone(&current);
        let walked = store.commit(move |tx| {
            let rules = Rules::default();
            for number in first..first + BATCH {
                at_work.store(number, Ordering::Relaxed);
                let place = i64::try_from(number).unwrap_or(0) * 10;
                let mut conversations: Vec<ConversationId> = (0..9)
                    .map(|n| ConversationId {
                        chat: ChatId(if n % 3 == 0 { place + n } else { -place - 1 }),
                        topic: (n % 3 == 2).then_some(7),
                        user: UserId(place + n / 3),
                    })
                    .collect();
                let mut rng = fastrand::Rng::with_seed(SEED << 32 | number);
                rng.shuffle(&mut conversations);
                let mut models: Vec<Model> = (0..speaking).map(|_| Model::default()).collect();
                let mut walk = Walk { tx, rng, rules: &rules, update_id: place * 1000, serial: 0 };
                for _ in 0..steps {
                    let n = walk.rng.usize(..speaking);
                    walk.step(conversations[n], &mut models[n]);
                }
            }
            Ok(())
        });
        let walked = walked.await;
        let number = current.load(Ordering::Relaxed);
        assert_eq!(walked, Ok(()), "interleaving {number} of seed {SEED} breaks the rule");
    }
}

#[tokio::test]
async fn who_is_forgotten_has_no_question_to_ask_again() {
    let (_dir, store, _) = fresh();
    let at = ConversationId { chat: ChatId(-1), topic: Some(2), user: UserId(1) };
    let other = ConversationId { user: UserId(2), ..at };
    let question =
        Question { update_id: 1, message_id: 1, text: "why?".to_owned(), enclosed: None, keyword: None };
    let erased = store.commit(move |tx| {
        tx.ask(at, &question)?;
        tx.ask(other, &question)?;
        tx.append_round(at, &Round { question: question.text, answer: "so".to_owned() }, "gemini", Some(1))?;
        tx.forget(at.user)
    });
    assert_eq!(erased.await.map(|erased| erased.rounds), Ok(1));
    assert_eq!(store.read(move |tx| tx.asked(at)).await, Ok(None));
    assert_eq!(store.read(move |tx| tx.asked(other).map(|asked| asked.is_some())).await, Ok(true));
}
