//! A command's end of the control socket.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::api::{Failure, OTHER_VERSION};
use crate::error::{CommandError, ErrorKind};

/// The longest line of a streamed answer, and the longest answer of a control verb.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A connection to the daemon, good for one request.
#[derive(Debug)]
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
}

/// How a failure arrives.
#[derive(serde::Deserialize)]
struct FailureBody {
    error: Failure,
}

impl Client {
    /// Connects to the first daemon that answers at one of these places.
    pub(crate) async fn connect(paths: &[PathBuf]) -> Result<Client, CommandError> {
        Client::find(paths).await?.ok_or_else(|| not_running(paths))
    }

    /// The same for commands that can do without a daemon. A place that may not be looked into is a failure only if
    /// nobody answers at another: a hardened service may not look into anybody's folder.
    pub(crate) async fn find(paths: &[PathBuf]) -> Result<Option<Client>, CommandError> {
        let mut failure = None;
        for path in paths {
            match UnixStream::connect(path).await {
                Ok(stream) => return Client::over(stream).await.map(Some),
                Err(error) if is_absent(&error) => {}
                Err(error) => failure = failure.or_else(|| Some(refused(path, &error))),
            }
        }
        failure.map_or(Ok(None), Err)
    }

    async fn over(stream: UnixStream) -> Result<Client, CommandError> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        tokio::spawn(async move {
            // The request's own failure says what went wrong.
            let _ = connection.await;
        });
        Ok(Client { sender })
    }

    /// Reads.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, CommandError> {
        let response = self.send(Method::GET, path, Bytes::new()).await?;
        let body = collect(response).await?;
        serde_json::from_slice(&body).map_err(|error| unreadable(&error))
    }

    /// Makes something.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(
        self,
        path: &str,
        body: &B,
    ) -> Result<T, CommandError> {
        self.change(Method::POST, path, body).await
    }

    /// Sets something.
    pub(crate) async fn put<B: Serialize, T: DeserializeOwned>(
        self,
        path: &str,
        body: &B,
    ) -> Result<T, CommandError> {
        self.change(Method::PUT, path, body).await
    }

    /// Ends or erases something.
    pub(crate) async fn delete<B: Serialize, T: DeserializeOwned>(
        self,
        path: &str,
        body: &B,
    ) -> Result<T, CommandError> {
        self.change(Method::DELETE, path, body).await
    }

    async fn change<B: Serialize, T: DeserializeOwned>(
        self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, CommandError> {
        let response = self.send(method, path, to_json(body)?).await?;
        let body = collect(response).await?;
        serde_json::from_slice(&body).map_err(|error| unreadable(&error))
    }

    /// Asks for something that answers line by line.
    pub(crate) async fn lines<B: Serialize>(self, path: &str, body: &B) -> Result<Lines, CommandError> {
        let response = self.send(Method::POST, path, to_json(body)?).await?;
        Ok(Lines { body: response.into_body(), buffer: Vec::new(), searched: 0 })
    }

    async fn send(
        mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, CommandError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(hyper::header::HOST, "svs")
            .header(hyper::header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| {
                CommandError::new(ErrorKind::Bug, "the request cannot be written").caused_by(&error)
            })?;
        let response = self.sender.send_request(request).await.map_err(broken)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = collect(response).await?;
        Err(serde_json::from_slice::<FailureBody>(&body).map_or_else(
            |_| CommandError::new(ErrorKind::Unavailable, format!("the daemon answered {status}")),
            |failure| failure.error.into(),
        ))
    }
}

/// A streamed answer. Dropping it tells the daemon that nobody waits any more.
#[derive(Debug)]
pub(crate) struct Lines {
    body: Incoming,
    buffer: Vec<u8>,
    /// How much of the buffer is known to hold no line end.
    searched: usize,
}

impl Lines {
    /// The next line; none at the end.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, CommandError> {
        loop {
            if let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let end = self.searched + end;
                let line = serde_json::from_slice(&self.buffer[..end]).map_err(|error| unreadable(&error))?;
                self.buffer.drain(..=end);
                self.searched = 0;
                return Ok(Some(line));
            }
            self.searched = self.buffer.len();
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            if let Ok(data) = frame.map_err(broken)?.into_data() {
                self.buffer.extend_from_slice(&data);
            }
            if self.buffer.len() > LARGEST_ANSWER {
                return Err(CommandError::new(
                    ErrorKind::Unavailable,
                    "a line of the daemon's answer is too long",
                ));
            }
        }
    }
}

async fn collect(response: Response<Incoming>) -> Result<Bytes, CommandError> {
    let limited = http_body_util::Limited::new(response.into_body(), LARGEST_ANSWER);
    limited.collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| {
        CommandError::new(ErrorKind::Unavailable, "the daemon's answer broke off").caused_by(&*error)
    })
}

fn to_json<B: Serialize>(body: &B) -> Result<Bytes, CommandError> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|error| CommandError::new(ErrorKind::Bug, "the request cannot be written").caused_by(&error))
}

/// Nobody listens there.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory
    )
}

fn not_running(paths: &[PathBuf]) -> CommandError {
    let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let message = format!("the daemon is not running (no socket at {})", places.join(" or "));
    CommandError::new(ErrorKind::Unavailable, message).hint("systemctl start svs")
}

fn refused(path: &Path, error: &io::Error) -> CommandError {
    let message = format!("cannot reach the daemon at {}", path.display());
    match error.kind() {
        io::ErrorKind::PermissionDenied => CommandError::new(ErrorKind::Denied, message)
            .caused_by(error)
            .hint("run it as the daemon's user or as root, or see control.group in svs.toml"),
        io::ErrorKind::InvalidInput => CommandError::new(ErrorKind::Config, message).caused_by(error),
        _ => CommandError::new(ErrorKind::Unavailable, message).caused_by(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn broken(error: hyper::Error) -> CommandError {
    CommandError::new(ErrorKind::Unavailable, "the connection to the daemon broke").caused_by(&error)
}

fn unreadable(error: &serde_json::Error) -> CommandError {
    CommandError::new(ErrorKind::Unavailable, "the daemon's answer cannot be read")
        .caused_by(error)
        .hint(OTHER_VERSION)
}
