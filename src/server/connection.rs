//! One HTTP/1.1 connection: limits of a request's head, and an end to every silence.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
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

/// Serves the connection to its end: closed by the peer, silent for too long, or idle when the process stops.
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
        let (site, phase) = (&site, &phase);
        let request = request.map(Body::new);
        async move {
            let response = site.answer(request, peer).await;
            phase.set(Phase::Idle(Instant::now()));
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
    let mut stopping = false;
    let mut alarm = pin!(tokio::time::sleep(times.idle));
    // One poll serves all: a phase changes only while the connection is polled, so the alarm is always set by the
    // phase that lasts.
    poll_fn(|context| {
        if !stopping && stopped.as_mut().poll(context).is_ready() {
            stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(context) {
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
            return Poll::Ready(());
        }
        let now = phase.get();
        if stopping && matches!(now, Phase::Head(_) | Phase::Closing(_)) {
            return Poll::Ready(());
        }
        let Some(deadline) = now.deadline(&times) else {
            return Poll::Pending;
        };
        // A later deadline waits until the alarm goes off: most requests then touch no timer at all.
        if deadline < alarm.deadline() {
            alarm.as_mut().reset(deadline);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if deadline <= Instant::now() {
                tracing::debug!(%peer, phase = ?now, "a connection was silent for too long");
                return Poll::Ready(());
            }
            alarm.as_mut().reset(deadline);
        }
        Poll::Pending
    })
    .await;
}
