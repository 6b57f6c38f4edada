//! Questions from the shell.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Lines, lines, parse};
use crate::admin::api::{Answered, AskEvent, AskRequest, Failure, File};
use crate::admin::peers::{Peer, Standing};
use crate::admin::refusal::refusal;
use crate::admin::server::failed;
use crate::config::Config;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::rules::is_entitled;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{Answer, AnswerEvent, Ask, AskError, Asker, Gateway};
use crate::gemini::{Attachment, FILES_CAP, Finish, Picture, Unreadable};

pub(super) async fn ask(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    let request: AskRequest = match parse(&body) {
        Ok(request) => request,
        Err(error) => return failed(error),
    };
    let role = request.role.unwrap_or(gateway.config().ask.role);
    if role > Role::Normal && peer.standing != Standing::Trusted {
        let error = CommandError::new(ErrorKind::Denied, format!("this user may not ask as {role}"));
        return failed(error.hint("svs ask --role normal, or be listed in control.uids"));
    }
    tracing::info!(uid = peer.uid, %role, "a question from the shell");
    let (lines, answer) = lines();
    tokio::spawn(async move {
        let cancel = CancellationToken::new();
        // A client that goes away stops its question.
        let _stop = cancel.clone().drop_guard();
        let gone = lines.clone();
        tokio::select! {
            () = answer_question(&gateway, request, role, cancel, &lines) => {}
            () = gone.closed() => {}
        }
    });
    answer
}

async fn answer_question(
    gateway: &Gateway,
    request: AskRequest,
    role: Role,
    cancel: CancellationToken,
    lines: &Lines,
) {
    let question = match shell_question(request, role, gateway, cancel) {
        Ok(question) => question,
        Err(error) => return lines.send(&AskEvent::Failed(Failure::from(error))).await,
    };
    let (events, mut told) = mpsc::unbounded_channel();
    let asking = async {
        let mut on_event = |event: AnswerEvent<'_>| {
            // The receiver is below, in this very task.
            let _ = events.send(wire_event(event));
        };
        let ended = gateway.ask(question, &mut on_event).await;
        drop(events);
        ended
    };
    let telling = async {
        while let Some(event) = told.recv().await {
            lines.send(&event).await;
        }
    };
    let (ended, ()) = tokio::join!(asking, telling);
    let last = match ended {
        Ok(answer) => AskEvent::Done(wire_answer(answer)),
        Err(error) => AskEvent::Failed(Failure::from(failure(error, gateway))),
    };
    lines.send(&last).await;
}

/// A question from the shell for the gateway.
pub(crate) fn shell_question(
    request: AskRequest,
    role: Role,
    gateway: &Gateway,
    cancel: CancellationToken,
) -> Result<Ask, CommandError> {
    if request.model == Some(ModelSlot::Image) {
        may_draw(&gateway.config(), role)?;
    }
    let sent: usize = request.files.iter().map(|file| file.data.len()).sum();
    if sent > FILES_CAP {
        let message = format!("the files have more than {} MB together", FILES_CAP >> 20);
        return Err(CommandError::new(ErrorKind::BadInput, message));
    }
    let attachments = request.files.into_iter().map(attachment).collect::<Result<_, _>>()?;
    Ok(Ask {
        update_id: None,
        asker: Asker::Shell { role },
        text: request.text,
        quote: None,
        continuation: None,
        attachments,
        system: request.system,
        model: request.model,
        max_output_tokens: request.max_output_tokens,
        temperature: request.temperature,
        schema: request.schema,
        headed_since: gateway.clock().now(),
        cancel,
        rows: None,
        parks: None,
        place: None,
    })
}

/// Pictures cost money: nothing makes them unless the configuration says with what and how many.
fn may_draw(config: &Config, role: Role) -> Result<(), CommandError> {
    if config.gemini.models[ModelSlot::Image].is_none() {
        let error = CommandError::new(ErrorKind::Config, "no model for pictures is configured");
        return Err(error.hint("set gemini.models.image and limits.image.daily_limit in svs.toml"));
    }
    if !config.makes_pictures() {
        let error = CommandError::new(ErrorKind::Config, "no key has a budget for pictures");
        return Err(error.hint("set limits.image.daily_limit in svs.toml"));
    }
    if !is_entitled(role, ModelSlot::Image) {
        let error = CommandError::new(ErrorKind::Denied, format!("pictures are not for {role}"));
        return Err(error.hint("svs ask --role premium"));
    }
    Ok(())
}

fn attachment(file: File) -> Result<Attachment, CommandError> {
    let File { name, mime, data } = file;
    Attachment::read(data, name.as_deref(), mime.as_deref()).map_err(|why| {
        let name = name.as_deref().unwrap_or("a file");
        let message = match why {
            Unreadable::Unsupported { ext } => format!("{name}: Gemini does not read {ext} files"),
            other => format!("{name}: {other}"),
        };
        let hint = "it reads text, PDF, pictures (PNG, JPEG, WebP, HEIC), sound and video";
        CommandError::new(ErrorKind::BadInput, message).hint(hint)
    })
}

/// Why there is no answer, for an operator.
pub(crate) fn failure(error: AskError, gateway: &Gateway) -> CommandError {
    match error {
        AskError::Refused(notice) | AskError::Failed(notice) => refusal(&notice, gateway.clock().now()),
        // No request of a shell is parked.
        AskError::Stopped(_) | AskError::Parked => {
            CommandError::new(ErrorKind::Interrupted, "stopped before any text came")
        }
        AskError::State(error) => error.into(),
    }
}

/// The words of one event for the wire.
pub(crate) fn wire_event(event: AnswerEvent<'_>) -> AskEvent {
    match event {
        AnswerEvent::Waiting { position, retry_at } => AskEvent::Waiting {
            position: u32::try_from(position).unwrap_or(u32::MAX),
            retry_at: Some(retry_at),
        },
        AnswerEvent::Started { model, wished } => AskEvent::Started { model, wished },
        AnswerEvent::Text(text) => AskEvent::Text { text: text.to_owned() },
    }
}

/// An answer for the wire.
pub(crate) fn wire_answer(answer: Answer) -> Answered {
    let finish = match answer.finish {
        Finish::Complete => "complete",
        Finish::Truncated => "truncated",
        Finish::Cut(_) => "cut",
        Finish::Incomplete | Finish::None => "incomplete",
    };
    Answered {
        text: answer.text,
        pictures: answer.pictures.into_iter().map(wire_picture).collect(),
        finish: finish.to_owned(),
        model: answer.model,
        wished: answer.wished,
        notices: answer.notices,
        key: answer.key,
        reference: answer.reference.map(|reference| reference.0).unwrap_or_default(),
        prompt_tokens: answer.usage.prompt,
        output_tokens: answer.usage.output + answer.usage.thoughts,
    }
}

fn wire_picture(picture: Picture) -> File {
    File { name: None, mime: Some(picture.mime), data: picture.bytes }
}
