//! The wire under both servers: an accept loop over hyper, connections that can be cut or reset on purpose,
//! and replies that are a script of bytes and pauses.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Request, Response, StatusCode};
use futures_util::stream;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::tap::{Line, Server, Tap};

const OPEN: u8 = 0;
const CLOSE: u8 = 1;
const RESET: u8 = 2;

/// The connection a request came in on, for the faults that end it.
#[derive(Debug, Default)]
pub(super) struct Link {
    end: AtomicU8,
    cut: Notify,
}

impl Link {
    /// End the connection, with RST or with FIN; never returns, the task is dropped with the connection.
    pub(super) async fn cut(&self, reset: bool) -> Infallible {
        self.end.store(if reset { RESET } else { CLOSE }, Ordering::Relaxed);
        self.cut.notify_one();
        pending().await
    }
}

/// A socket that sends RST instead of FIN when its link says so, and tells its tap what passes.
struct Socket {
    io: TokioIo<TcpStream>,
    link: Arc<Link>,
    line: Option<Line>,
}

/// What a tapped socket reads at once, at most.
const TAPPED: usize = 16 << 10;

impl Socket {
    fn told(&self, written: Poll<std::io::Result<usize>>) -> Poll<std::io::Result<usize>> {
        if let (Some(line), Poll::Ready(Ok(_))) = (&self.line, &written) {
            line.wrote();
        }
        written
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.link.end.load(Ordering::Relaxed) == RESET {
            let _ = self.io.inner().set_zero_linger();
        }
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let Socket { io, line, .. } = &mut *self;
        let Some(line) = line else { return Read::poll_read(Pin::new(io), cx, buf) };
        let mut room = [0; TAPPED];
        let mut read = ReadBuf::new(&mut room[..buf.remaining().min(TAPPED)]);
        let polled = Pin::new(io.inner_mut()).poll_read(cx, &mut read);
        if let Poll::Ready(Ok(())) = polled {
            line.read(read.filled());
            buf.put_slice(read.filled());
        }
        polled
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.told(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.link.end.load(Ordering::Relaxed) == OPEN {
            Pin::new(&mut self.io).poll_shutdown(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.told(written)
    }
}

/// One request, read whole.
pub(super) struct Call {
    pub(super) parts: axum::http::request::Parts,
    pub(super) body: Bytes,
    pub(super) link: Arc<Link>,
}

/// Serve `handler` on `listener` until `stop`; a request over `limit` bytes is answered 413.
pub(super) async fn serve<H, F>(
    listener: TcpListener,
    limit: usize,
    tap: Option<(Tap, Server)>,
    stop: CancellationToken,
    handler: H,
) where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let line = tap.as_ref().map(|(tap, server)| tap.connected(*server));
                tokio::spawn(connection(stream, limit, line, stop.clone(), handler.clone()));
            }
            // Out of file descriptors, or the peer is gone already: neither ends the server.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn connection<H, F>(
    stream: TcpStream,
    limit: usize,
    line: Option<Line>,
    stop: CancellationToken,
    handler: H,
) where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let link = Arc::new(Link::default());
    let socket = Socket { io: TokioIo::new(stream), link: Arc::clone(&link), line };
    let service = service_fn(|request: Request<Incoming>| {
        let link = Arc::clone(&link);
        let handler = &handler;
        async move {
            let (parts, body) = request.into_parts();
            let reply = match Limited::new(body, limit).collect().await {
                Ok(body) => handler(Call { parts, body: body.to_bytes(), link }).await,
                Err(_) => text(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "Request Entity Too Large"),
            };
            Ok::<_, Infallible>(reply)
        }
    });
    let connection = http1::Builder::new().serve_connection(socket, service);
    tokio::select! {
        _ = connection => {}
        () = link.cut.notified() => {}
        () = stop.cancelled() => {}
    }
}

/// A whole reply.
pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// What a reply does next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Send these bytes as one write.
    Bytes(Bytes),
    /// Send this piece so many times.
    Repeat(Bytes, u64),
    /// Do nothing for a while.
    Wait(Duration),
    /// Do nothing for ever.
    Hang,
    /// End the connection in the middle of the body: RST or FIN.
    Cut {
        /// RST instead of FIN.
        reset: bool,
    },
}

/// A reply as a script: headers at once, the body step by step.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) steps: VecDeque<Step>,
}

impl Script {
    /// A reply of one piece.
    pub(super) fn whole(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Script {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(kind))];
        Script { status, headers, steps: VecDeque::from([Step::Bytes(body.into())]) }
    }

    /// Turn the script into a response; `ended` is told how many bytes went out when the last step is done.
    pub(super) fn respond(self, link: Arc<Link>, ended: Ended) -> Response<Body> {
        let Script { status, headers, mut steps } = self;
        let body = if let [Step::Bytes(bytes)] = steps.make_contiguous() {
            ended.finish(bytes.len() as u64);
            Body::from(bytes.clone())
        } else {
            Body::from_stream(stream::unfold((steps, link, ended), play))
        };
        let mut reply = Response::new(body);
        *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        reply.headers_mut().extend(headers);
        reply
    }
}

type Play = (VecDeque<Step>, Arc<Link>, Ended);

async fn play((mut steps, link, ended): Play) -> Option<(Result<Bytes, Infallible>, Play)> {
    loop {
        match steps.pop_front() {
            None => {
                ended.finish(0);
                return None;
            }
            Some(Step::Bytes(bytes)) => {
                ended.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                return Some((Ok(bytes), (steps, link, ended)));
            }
            Some(Step::Repeat(piece, times)) => {
                if times > 1 {
                    steps.push_front(Step::Repeat(piece.clone(), times - 1));
                }
                if times > 0 {
                    steps.push_front(Step::Bytes(piece));
                }
            }
            Some(Step::Wait(time)) => tokio::time::sleep(time).await,
            Some(Step::Hang) => pending().await,
            Some(Step::Cut { reset }) => {
                // Let what was written leave the socket: closing with RST discards the send buffer.
                tokio::time::sleep(Duration::from_millis(20)).await;
                match link.cut(reset).await {}
            }
        }
    }
}

/// Reports the end of a reply, also when the client went away before it.
pub(super) struct Ended {
    sent: AtomicU64,
    tell: Option<Box<dyn Fn(u64, bool) + Send + Sync>>,
    finished: AtomicU8,
}

impl Ended {
    /// `tell(bytes, complete)` is called once.
    pub(super) fn new(tell: impl Fn(u64, bool) + Send + Sync + 'static) -> Ended {
        Ended { sent: AtomicU64::new(0), tell: Some(Box::new(tell)), finished: AtomicU8::new(0) }
    }

    /// The reply was sent whole, with `more` bytes beyond those counted.
    fn finish(&self, more: u64) {
        self.sent.fetch_add(more, Ordering::Relaxed);
        self.finished.store(1, Ordering::Relaxed);
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(tell) = self.tell.take() {
            tell(self.sent.load(Ordering::Relaxed), self.finished.load(Ordering::Relaxed) == 1);
        }
    }
}

/// Undo `%xx` and, in forms, `+`; what is malformed stays as it is.
pub(super) fn percent_decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', _, _) if plus => out.push(b' '),
            (byte, _, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The pairs of a query or a form.
pub(super) fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(name, true), percent_decode(value, true))
    })
}
