//! The other end of that door: one GET over plain HTTP, for `svs health --url`. A container has no other program.

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpStream;

use crate::error::{CommandError, ErrorKind};

/// No answer of ours is longer.
const LARGEST_ANSWER: usize = 64 * 1024;

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fetched {
    /// The status code.
    pub(crate) status: u16,
    /// The body, where it is text.
    pub(crate) body: String,
}

/// Asks a server that speaks plain HTTP.
pub(crate) async fn fetch(url: &Url) -> Result<Fetched, CommandError> {
    let bad = |message: &str| CommandError::new(ErrorKind::Usage, message);
    if url.scheme() != "http" {
        return Err(bad("only http:// can be asked").hint("svs health --url http://127.0.0.1:8080/health"));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(bad("the address has no host"));
    };
    let away = |error: &(dyn std::error::Error + 'static)| {
        CommandError::new(ErrorKind::Unavailable, format!("{host}:{port} does not answer")).caused_by(error)
    };
    let address = (host.trim_start_matches('[').trim_end_matches(']'), port);
    let stream = TcpStream::connect(address).await.map_err(|error| away(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| away(&error))?;
    tokio::spawn(async move {
        // The request's own failure says what went wrong.
        let _ = connection.await;
    });
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let request = Request::get(path)
        .header(header::HOST, format!("{host}:{port}"))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| away(&error))?;
    let response = sender.send_request(request).await.map_err(|error| away(&error))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(|error| away(&*error))?.to_bytes();
    Ok(Fetched { status, body: String::from_utf8_lossy(&body).into_owned() })
}
