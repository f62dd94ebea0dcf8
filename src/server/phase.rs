//! What a connection is doing, as its bytes and its requests tell, and until when it may go on.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Times;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Between requests, or while the body of an answer is sent: since the last part of it.
    Idle(Instant),
    /// Some bytes of a request's head are there, since then.
    Head(Instant),
    /// A request is being answered; its handler has its own bounds.
    Serving,
    /// Our side is closed; the peer is given a moment to close its own.
    Closing(Instant),
}

impl Phase {
    /// When the connection must end unless its phase changes; none while a request is being answered.
    pub(super) fn deadline(self, times: &Times) -> Option<Instant> {
        match self {
            Self::Idle(since) => Some(since + times.idle),
            Self::Head(since) => Some(since + times.head),
            Self::Serving => None,
            Self::Closing(since) => Some(since + times.linger),
        }
    }
}

/// The phase, shared by the connection's bytes and its requests. Both run in one task, so nobody ever waits.
#[derive(Clone)]
pub(super) struct SharedPhase(Arc<Mutex<Phase>>);

impl SharedPhase {
    pub(super) fn idle() -> Self {
        Self(Arc::new(Mutex::new(Phase::Idle(Instant::now()))))
    }

    pub(super) fn get(&self) -> Phase {
        *self.lock()
    }

    pub(super) fn set(&self, phase: Phase) {
        *self.lock() = phase;
    }

    /// A part of an answer is sent.
    pub(super) fn go_on(&self) {
        let mut phase = self.lock();
        if let Phase::Idle(since) = &mut *phase {
            *since = Instant::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that tells when a request begins, and that closes without losing the last answer: a socket that is
/// closed with unread bytes resets the connection, and the peer may never see what was written.
pub(super) struct Watched<S> {
    stream: S,
    phase: SharedPhase,
    closed: bool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, phase: SharedPhase) -> Self {
        Self {
            stream,
            phase,
            closed: false,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before && matches!(self.phase.get(), Phase::Idle(_)) {
            self.phase.set(Phase::Head(Instant::now()));
        }
        result
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.closed = true;
            self.phase.set(Phase::Closing(Instant::now()));
        }
        let mut scratch = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
