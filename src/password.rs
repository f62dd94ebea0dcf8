//! Passwords of administrators: the rule, argon2id hashes, and a bound on how much of the machine hashing may take.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Semaphore, oneshot};

/// The fewest characters that a password may have.
pub const MIN_CHARACTERS: usize = 12;

/// The most bytes that a password may have: nobody types more, and hashing reads them all.
pub const MAX_BYTES: usize = 1024;

/// A hash that no password has, with the parameters of a real one: checking against it takes the time that an
/// existing account takes, so that the time does not tell which names exist.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("the password is too short: it needs at least {MIN_CHARACTERS} characters")]
    TooShort,
    /// More than [`MAX_BYTES`].
    #[error("the password is too long: it may have at most {MAX_BYTES} bytes")]
    TooLong,
    /// The hash function or its thread failed.
    #[error("the password could not be hashed")]
    Hash,
}

/// Checks the rule for new passwords.
///
/// # Errors
/// When the password is too short or too long.
pub fn check(password: &SecretString) -> Result<(), PasswordError> {
    let password = password.expose_secret();
    if password.chars().count() < MIN_CHARACTERS {
        return Err(PasswordError::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    Ok(())
}

/// Hashes and verifies, a bounded number at a time and off the threads that serve requests: a flood of sign-ins
/// must not delay a decision.
///
/// The threads are its own. A hash takes 19 MiB, which the allocator keeps for the thread that has freed them: on
/// the runtime's threads for blocking work, of which each takes its turn, a flood would leave 19 MiB with each.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    work: Sender<Work>,
}

/// What a thread does.
type Work = Box<dyn FnOnce() + Send>;

impl Passwords {
    /// Allows half of the machine's cores, at least one. The threads end with the last clone.
    #[must_use]
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / 2).max(1);
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || {
                while let Some(work) = next(&receiver) {
                    // A panic ends the work, whose caller learns of it, and not the thread.
                    drop(catch_unwind(AssertUnwindSafe(work)));
                }
            });
        }
        Self {
            permits: Arc::new(Semaphore::new(threads)),
            work: sender,
        }
    }

    /// The argon2id hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// When the password breaks the rule, or the machine can't hash it.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        check(&password)?;
        self.run(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|_| PasswordError::Hash)
        })
        .await?
    }

    /// Whether the password has this hash. Without a hash (there is no such account) the answer is no, after the
    /// same time.
    pub async fn verify(&self, password: SecretString, hash: Option<&str>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let verified = self.run(move || {
            let password = password.expose_secret().as_bytes();
            password.len() <= MAX_BYTES
                && PasswordHash::new(&hash)
                    .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
        });
        verified.await.unwrap_or(false) && known
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| PasswordError::Hash)?;
        let (answer, answered) = oneshot::channel();
        let work = move || {
            // Held by the thread, not by the caller: a caller that hangs up must not let the next one in early.
            let _permit = permit;
            // Whoever has hung up needs no answer.
            drop(answer.send(work()));
        };
        self.work
            .send(Box::new(work))
            .map_err(|_| PasswordError::Hash)?;
        answered.await.map_err(|_| PasswordError::Hash)
    }
}

/// What is to be done next; none where nobody can ask for more.
fn next(work: &Mutex<Receiver<Work>>) -> Option<Work> {
    work.lock().ok()?.recv().ok()
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_has_its_own_hash_alone() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".into(), Some(&hash)).await);
        assert!(!passwords.verify("correct hors".into(), Some(&hash)).await);
        assert!(
            !passwords
                .verify("correct horse".into(), Some("rubbish"))
                .await
        );
        assert!(!passwords.verify("correct horse".into(), None).await);
    }

    #[tokio::test]
    async fn the_hash_of_nobody_costs_what_a_real_one_costs() {
        let hash = Passwords::new().hash("correct horse".into()).await.unwrap();
        let parameters = |hash: &str| {
            let hash = PasswordHash::new(hash).unwrap();
            (
                hash.algorithm,
                hash.version,
                hash.params,
                hash.hash.unwrap().len(),
            )
        };
        assert_eq!(parameters(NOBODY), parameters(&hash));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(check(&"elevenchars".into()), Err(PasswordError::TooShort));
        assert_eq!(check(&"twelve chars".into()), Ok(()));
        assert_eq!(check(&"ä".repeat(12).into()), Ok(()));
        assert_eq!(check(&"x".repeat(1025).into()), Err(PasswordError::TooLong));
    }
}
