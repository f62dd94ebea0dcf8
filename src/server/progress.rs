//! A body that tells when it goes on: an answer may last, but not be silent, for longer than an idle connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

use super::phase::SharedPhase;

/// The body of an answer.
pub(super) struct Progress {
    body: Body,
    phase: SharedPhase,
}

impl Progress {
    pub(super) fn new(body: Body, phase: SharedPhase) -> Self {
        Self { body, phase }
    }
}

impl hyper::body::Body for Progress {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.phase.go_on();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
