//! One HTTP/1.1 connection: limits of a request's head, and an end to every silence.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

use super::Times;
use super::phase::{Phase, SharedPhase, Watched};
use super::progress::Progress;
use crate::peer::Peer;
use crate::site::Site;

/// Request line and fields together, in bytes; more is answered with 431.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Fields of a request; more are answered with 431.
const MAX_FIELDS: usize = 200;

/// What a connection does about the end of the process.
#[derive(Clone, Copy)]
enum Stage {
    /// Nothing yet.
    Open,
    /// The process is told to stop, since then. A request that is on its way is still answered, as the last one.
    Draining(Instant),
    /// No request came in time: the connection ends with the answer that is being sent, if there is one.
    Ending,
}

impl Stage {
    fn deadline(self, phase: Phase, times: &Times) -> Option<Instant> {
        let lasting = phase.deadline(times)?;
        let sooner = match (self, phase) {
            (Self::Draining(since), Phase::Idle(_)) => since + times.drain,
            (Self::Draining(since), Phase::Head(begun)) => begun.max(since) + times.drain,
            (Self::Ending, Phase::Head(begun)) => begun + times.drain,
            _ => lasting,
        };
        Some(lasting.min(sooner))
    }
}

/// Serves the connection to its end: closed by the peer, silent for too long, or idle when the process stops.
///
/// A peer that closes its side while it is answered can't be told from one that has gone: nobody is asked on its behalf any
/// longer, and it may find the connection closed.
pub(super) async fn serve<S>(
    stream: S,
    peer: Peer,
    site: Arc<Site>,
    times: Times,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let phase = SharedPhase::idle();
    let service = service_fn(|request: Request<Incoming>| {
        phase.set(Phase::Serving);
        let (site, phase, stop) = (&site, &phase, &stop);
        let request = request.map(Body::new);
        async move {
            let mut response = site.answer(request, peer).await;
            phase.set(Phase::Idle(Instant::now()));
            if stop.is_cancelled() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response.map(|body| Progress::new(body, phase.clone())))
        }
    });
    let connection = http1::Builder::new()
        .max_header_size(MAX_HEAD_BYTES)
        .max_headers(MAX_FIELDS)
        // It would count the idle time as well, and close the connections that proxies keep.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(Watched::new(stream, phase.clone())), service);

    let mut connection = pin!(connection);
    let mut stopped = pin!(stop.cancelled());
    let mut stage = Stage::Open;
    let mut alarm = pin!(tokio::time::sleep(times.idle));
    // One poll serves all: a phase changes only while the connection is polled, so the alarm is always set by the
    // phase that lasts.
    poll_fn(|context| {
        if matches!(stage, Stage::Open) && stopped.as_mut().poll(context).is_ready() {
            stage = Stage::Draining(Instant::now());
        }
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection ended early");
                }
                return Poll::Ready(());
            }
            let now = phase.get();
            let Some(deadline) = stage.deadline(now, &times) else {
                return Poll::Pending;
            };
            if poll_alarm(alarm.as_mut(), deadline, context).is_pending() {
                return Poll::Pending;
            }
            if !matches!((stage, now), (Stage::Draining(_), Phase::Idle(_))) {
                tracing::debug!(%peer, phase = ?now, "a connection was silent for too long");
                return Poll::Ready(());
            }
            stage = Stage::Ending;
            connection.as_mut().graceful_shutdown();
        }
    })
    .await;
}

/// Waits until `deadline`.
fn poll_alarm(
    mut alarm: Pin<&mut Sleep>,
    deadline: Instant,
    context: &mut Context<'_>,
) -> Poll<()> {
    // A later deadline waits until the alarm goes off: most requests then touch no timer at all.
    if deadline < alarm.deadline() {
        alarm.as_mut().reset(deadline);
    }
    while alarm.as_mut().poll(context).is_ready() {
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        alarm.as_mut().reset(deadline);
    }
    Poll::Pending
}
