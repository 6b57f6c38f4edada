//! A question: asked of the gateway, shown while it is answered, ended by rows of the outbox.

use std::sync::Arc;

use super::attached::Said;
use super::person::Person;
use super::{myself, picture};
use crate::domain::chat::{Button, Continuation, Language, Notice};
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::gateway::{Answer, AnswerEvent, Ask, AskError, Asker, RowsFor, Stop};
use crate::gemini::Finish;
use crate::store::{Content, Ending, OutboxRow, Question, StoreError};
use crate::telegram::desk::Desk;
use crate::telegram::enclosed::Enclosed;
use crate::telegram::fetch;
use crate::telegram::markdown::Head;
use crate::telegram::outbox::{Live, Target};
use crate::telegram::texts::{Key, Texts, model_name, word};
use crate::telegram::turn::Turn;

/// Answers a question that is asked for the first time.
pub(super) async fn ask(
    desk: &Arc<Desk>,
    turn: Box<Turn>,
    person: &Person,
    text: String,
) -> Result<(), StoreError> {
    ask_with(desk, turn, person, text, Vec::new()).await
}

/// [`ask`] for an album: `parts` are the updates of its other parts.
pub(super) async fn ask_with(
    desk: &Arc<Desk>,
    mut turn: Box<Turn>,
    person: &Person,
    mut text: String,
    parts: Vec<i64>,
) -> Result<(), StoreError> {
    let (update_id, was_begun) = (turn.update_id, turn.was_begun());
    let at = turn.message.conversation();
    let mut enclosed = Enclosed::of(&turn.message);
    if was_begun
        && let Some(asked) = desk.store.read(move |tx| tx.asked(at)).await?
        && asked.question.update_id == update_id
    {
        // The other parts of an album ended when the question was stored.
        enclosed = Enclosed::read(asked.question.enclosed.as_deref());
        text = asked.question.text;
        turn.message.message_id = asked.question.message_id;
    }
    let asked = Question {
        update_id,
        message_id: turn.message.message_id,
        text: text.clone(),
        enclosed: enclosed.store(),
        keyword: turn.message.keyword.clone(),
    };
    // It is stored before its answer is: one thread writes, in order.
    desk.store.later(move |tx| {
        if tx.has_ended(update_id)? {
            return Ok(());
        }
        tx.ask(at, &asked)?;
        parts.iter().try_for_each(|part| tx.finish(*part, Ending::Dropped("album")).map(|_| ()))
    });
    // An earlier try may have opened messages.
    let known =
        if was_begun { desk.store.read(move |tx| tx.opened_parts(update_id)).await? } else { Vec::new() };
    answer(desk, turn, person, Asking { text, enclosed, known, continuation: None }).await
}

/// What is asked, and what comes with it.
pub(super) struct Asking {
    pub(super) text: String,
    pub(super) enclosed: Enclosed,
    /// The messages that were opened for its answer: (part, message).
    pub(super) known: Vec<(u32, i64)>,
    /// What it was answered so far, if that is to go on.
    pub(super) continuation: Option<Continuation>,
}

/// Answers a question that the store knows as the latest of its conversation.
pub(super) async fn answer(
    desk: &Arc<Desk>,
    mut turn: Box<Turn>,
    person: &Person,
    asking: Asking,
) -> Result<(), StoreError> {
    let update_id = turn.update_id;
    let role = person.role.unwrap_or(Role::Guest);
    // How it ends for who is not served any more, the gateway says.
    if asking.enclosed.draws
        && person.is_served()
        && let Some(notice) = picture::denied(desk, role)
    {
        let ending = Ending::Refused(notice.reason());
        let row = Desk::row(Some(update_id), &turn.message, Content::Notice(notice));
        return desk.finish(update_id, vec![row], ending).await;
    }
    if turn.cut.is_superseded() && turn.place.is_none() {
        desk.end(update_id, Ending::Dropped("edited"));
        return Ok(());
    }
    let Asking { text, enclosed, known, continuation } = asking;
    let head = match &continuation {
        Some(Continuation { so_far, .. }) => {
            Head::of(&desk.texts.get(person.language, Key::Continued), so_far)
        }
        None => Head::default(),
    };
    let goes_on = continuation.is_some();
    let draws = enclosed.draws;
    let live = begin(desk, &turn, person, &known, head.clone(), draws);
    let choice = if draws { myself::Choice::of(ModelSlot::Image) } else { myself::choice(desk, &turn, role) };
    let lost = choice.lost.map(|slot| choice_lost(desk, person, role, slot));
    let fetched = tokio::select! {
        // What was stopped is not fetched.
        biased;
        () = turn.cut.stop.cancelled() => Ok(Vec::new()),
        fetched = Box::pin(fetch::attachments(&desk.api, &enclosed.files)) => fetched,
    };
    let place = turn.place.take();
    let ask = |attachments| Ask {
        update_id: Some(update_id),
        asker: Asker::Chat { conversation: turn.message.conversation() },
        text,
        quote: enclosed.quote,
        continuation,
        attachments,
        system: None,
        model: choice.model,
        max_output_tokens: None,
        temperature: None,
        schema: None,
        headed_since: turn.headed_since,
        cancel: turn.cut.stop.clone(),
        rows: Some(rows_for(desk, &turn, person.language, known, head, lost)),
        parks: turn.lane.map(|lane| desk.parks(lane)),
        place,
    };
    let asked = match fetched {
        Ok(attachments) => {
            let mut show = |event: AnswerEvent<'_>| match event {
                // Its words stand below the picture.
                AnswerEvent::Text(_) if draws => {}
                event => show(desk, &live, person.language, event),
            };
            desk.gateway.ask(ask(attachments), &mut show).await
        }
        Err(why) => {
            tracing::debug!(%why, update_id, "the files of a question were not read");
            Err(AskError::Refused(why.into()))
        }
    };
    desk.outbox.end(&live);
    let end = |content, buttons, ending| {
        let row = OutboxRow { buttons, ..Desk::row(Some(update_id), &turn.message, content) };
        desk.finish(update_id, vec![row], ending)
    };
    match asked {
        Ok(_) => {
            if choice.lost.is_some() {
                // It was said with this answer, and is not said again.
                let user = person.id;
                desk.store.later(move |tx| tx.set_model(user, None));
            }
            desk.outbox.deliver(update_id).await
        }
        Err(AskError::Refused(notice) | AskError::Failed(notice)) => {
            let (buttons, ending) = (offers(&notice, goes_on), Ending::Refused(notice.reason()));
            end(Content::Notice(notice), buttons, ending).await
        }
        Err(AskError::Stopped(Stop::Caller)) if turn.cut.is_superseded() => {
            desk.end(update_id, Ending::Dropped("edited"));
            Ok(())
        }
        Err(AskError::Stopped(stop)) => {
            let words = Content::Words(desk.texts.get(person.language, Key::StoppedEarly));
            match stop {
                Stop::Caller | Stop::Kicked => {
                    let button = if goes_on { Button::Continue { again: false } } else { Button::Retry };
                    end(words, vec![button], Ending::Dropped("stopped")).await
                }
                Stop::Banned => end(words, Vec::new(), Ending::Dropped("banned")).await,
                Stop::Forgotten => {
                    // The update has ended with all that was erased; what was shown of an answer goes as well.
                    let row = Desk::row(Some(update_id), &turn.message, words);
                    desk.store.commit(move |tx| tx.put_rows(&[row])).await?;
                    desk.outbox.deliver(update_id).await
                }
            }
        }
        // It runs again.
        Err(AskError::Parked) => Ok(()),
        Err(AskError::State(error)) => Err(error),
    }
}

/// What can be done where there is no answer: the same question may succeed a moment later.
fn offers(notice: &Notice, goes_on: bool) -> Vec<Button> {
    use Notice::{EmptyAnswer, Failed, FileLost, KeysOut, Outage, PoolBusy};
    match notice {
        Failed { .. } | EmptyAnswer { .. } | FileLost | Outage { .. } | KeysOut { .. } | PoolBusy { .. } => {
            vec![if goes_on { Button::Continue { again: true } } else { Button::Retry }]
        }
        _ => Vec::new(),
    }
}

/// What can be done with an answer.
fn offered(answer: &Answer) -> Vec<Button> {
    const CONTINUE: Button = Button::Continue { again: false };
    let is_kept = !answer.text.trim().is_empty();
    if answer.model == ModelSlot::Image {
        // No picture goes on where another ended.
        return vec![Button::Retry, Button::New];
    }
    match (answer.stopped, &answer.finish) {
        (Some(Stop::Caller | Stop::Kicked), _) => vec![CONTINUE],
        (Some(Stop::Banned | Stop::Forgotten), _) => Vec::new(),
        (None, Finish::Truncated | Finish::Incomplete) if is_kept => {
            vec![CONTINUE, Button::Retry, Button::New]
        }
        (None, _) => vec![Button::Retry, Button::New],
    }
}

fn begin(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    known: &[(u32, i64)],
    head: Head,
    draws: bool,
) -> Arc<Live> {
    let message = &turn.message;
    let target = Target {
        update_id: turn.update_id,
        chat: message.chat.id,
        topic: message.topic,
        user: message.sender.id,
        reply_to: message.reply_to(),
        language: person.language,
        is_private: message.chat.is_private,
        draws,
    };
    let live = desk.outbox.begin(target, known.to_vec(), head);
    if turn.attempt > 1 && turn.place.is_none() {
        let words = desk.texts.notice(person.language, &Notice::Restarted, desk.clock.now());
        desk.outbox.tell_now(&live, words);
    }
    live
}

fn show(desk: &Desk, live: &Live, language: Language, event: AnswerEvent<'_>) {
    match event {
        AnswerEvent::Text(text) => desk.outbox.push(live, text),
        AnswerEvent::Waiting { position, retry_at } => {
            desk.outbox.tell_waiting(live, still_working(desk, language, position, retry_at));
        }
        AnswerEvent::Started { .. } => {}
    }
}

/// That somebody is in line, how far behind, and for how long.
pub(in crate::telegram) fn still_working(
    desk: &Desk,
    language: Language,
    position: usize,
    due: Timestamp,
) -> String {
    let position = u32::try_from(position).unwrap_or(u32::MAX);
    desk.texts.still_working(language, position, due.since(desk.clock.now()))
}

/// That a model chosen earlier is not the person's any more.
fn choice_lost(desk: &Desk, person: &Person, role: Role, slot: ModelSlot) -> String {
    let names = [("model", word(model_name(slot))), ("role", word(desk.texts.role(person.language, role)))];
    desk.texts.render(person.language, Key::ModelLost, names)
}

/// What is committed together with the answer.
fn rows_for(
    desk: &Arc<Desk>,
    turn: &Turn,
    language: Language,
    known: Vec<(u32, i64)>,
    head: Head,
    lost: Option<String>,
) -> RowsFor {
    let template = Desk::row(Some(turn.update_id), &turn.message, Content::Words(String::new()));
    let (texts, clock, cut) = (desk.texts.clone(), desk.clock.clone(), turn.cut.clone());
    let has_footer = desk.config().telegram.footer;
    Box::new(move |answer| {
        if answer.stopped.is_some() && cut.is_superseded() {
            // What was opened for it is taken over by what comes in its place.
            return Vec::new();
        }
        let more = lost.into_iter().chain(has_footer.then(|| footer(&texts, language, answer))).collect();
        let Said { parts, files } = said(&texts, language, answer, &head, clock.now(), more);
        let texts = (0..).zip(parts).map(|(part, formatted)| (part, Content::Text(formatted)));
        let files = Said::numbered_files(files).map(|(part, file)| (part, Content::File(file)));
        let row = |(part, content): (u32, Content)| OutboxRow {
            part,
            content,
            message_id: known.iter().find(|(of, _)| *of == part).map(|(_, id)| *id),
            reply_to: None,
            ..template.clone()
        };
        let mut rows: Vec<OutboxRow> = texts.chain(files).map(row).collect();
        if let Some(first) = rows.first_mut() {
            first.reply_to = template.reply_to;
        }
        if let Some(last) = rows.last_mut() {
            last.buttons = offered(answer);
            last.buttons.extend(answer.notices.iter().flat_map(Notice::buttons));
        }
        rows
    })
}

/// Whether Google ended an answer for what it says. `OTHER`, `LANGUAGE` and those not known yet tell nothing of the kind.
fn is_policy(reason: &str) -> bool {
    ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED", "SPII"].iter().any(|word| reason.contains(word))
}

/// Which model answered, and what is left of the day where that has a limit.
fn footer(texts: &Texts, language: Language, answer: &Answer) -> String {
    let model = model_name(answer.model);
    match answer.left_today {
        Some(left) => texts.render(language, Key::Footer, [("model", word(model)), ("left", left.into())]),
        None => model.to_owned(),
    }
}

/// The messages and files of the answer, and below them what is to be said besides.
fn said(
    texts: &Texts,
    language: Language,
    answer: &Answer,
    head: &Head,
    now: Timestamp,
    more: Vec<String>,
) -> Said {
    let ending = match (&answer.stopped, &answer.finish) {
        (Some(Stop::Kicked), _) => Some(Key::CutKicked),
        (Some(_), _) => Some(Key::Stopped),
        (None, Finish::Complete | Finish::None) => None,
        (None, Finish::Truncated) => Some(Key::CutLength),
        (None, Finish::Cut(reason)) if is_policy(reason) => Some(Key::CutPolicy),
        (None, Finish::Cut(_)) => Some(Key::CutOther),
        (None, Finish::Incomplete) => Some(Key::CutConnection),
    };
    let notices = answer.notices.iter().map(|notice| texts.notice(language, notice, now));
    let ending = ending.map(|key| texts.get(language, key)).into_iter();
    let below: Vec<String> = ending.chain(notices).chain(more).collect();
    let mut said = Said::of(texts, language, answer, head);
    if !below.is_empty() {
        said.add_below(&below.join("\n\n"));
    }
    said
}

#[cfg(test)]
mod tests;
