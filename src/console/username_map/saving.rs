//! How a change of a map is saved, put in force and told.

use super::Subject;
use crate::console::Console;
use crate::console::error::Error;
use crate::console::page::{ChangedSetting, Flash, Moment, Tone};
use crate::console::session::Administrator;
use crate::settings::{MapUpdate, RowChange};
use crate::store::{MapConflict, UpdateError};

/// Up to so many changed rows are told one by one after a save.
const TOLD_ROWS: usize = 10;

/// Does what takes a while for a large map off the threads that serve requests.
pub async fn work<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Internal("the work on a username map ended early"))
}

/// Saves an update and puts it in force; `None` where the map is not the one that it was made from.
pub async fn save(
    console: &Console,
    by: &Administrator,
    subject: &Subject,
    update: &MapUpdate,
) -> Result<Option<Flash>, Error> {
    if update.changes().is_empty() {
        return Ok(Some(Flash::new(Tone::Plain, "Nothing changed")));
    }
    let (author, id) = (by.author(), &subject.provider.id);
    match console.store.update_username_map(&author, id, update).await {
        Ok(_) => {
            console.saver.put_in_force().await?;
            Ok(Some(flash(subject, update)))
        }
        Err(UpdateError::Change(MapConflict::Changed)) => Ok(None),
        Err(UpdateError::Change(MapConflict::Needed)) => Ok(Some(Flash::new(
            Tone::Bad,
            "Nothing was changed: anybody can have an account at this provider, and nothing but the map says \
             who may enter. Disable the provider first, or name allowed groups",
        ))),
        Err(UpdateError::Change(MapConflict::NoProvider)) => Err(Error::NotFound),
        Err(UpdateError::Store(error)) => Err(error.into()),
    }
}

/// How many rows an update adds, changes and removes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

impl Counts {
    pub fn of(changes: &[RowChange]) -> Self {
        let mut counts = Self::default();
        for change in changes {
            match (&change.old, &change.new) {
                (None, _) => counts.added += 1,
                (_, None) => counts.removed += 1,
                _ => counts.changed += 1,
            }
        }
        counts
    }

    /// "1,234 rows" are changed.
    pub fn changed_rows(self) -> String {
        rows(self.changed)
    }

    /// "1,234 rows" are removed.
    pub fn removed_rows(self) -> String {
        rows(self.removed)
    }

    /// "2 rows added, 1 changed".
    pub fn sentence(self) -> String {
        let parts = [
            (self.added, "added"),
            (self.changed, "changed"),
            (self.removed, "removed"),
        ];
        let mut parts = parts.iter().filter(|(count, _)| *count > 0);
        let first = parts
            .next()
            .map(|(count, what)| format!("{} {what}", rows(*count)));
        let others = parts.map(|(count, what)| format!("{} {what}", grouped(*count)));
        let all: Vec<_> = first.into_iter().chain(others).collect();
        if all.is_empty() {
            "no row changed".to_owned()
        } else {
            all.join(", ")
        }
    }
}

fn flash(subject: &Subject, update: &MapUpdate) -> Flash {
    let changes = update.changes();
    let told = if changes.len() > TOLD_ROWS {
        &[]
    } else {
        changes
    };
    let told = told.iter().map(|change| ChangedSetting {
        what: change.value.clone(),
        old: change.old.clone().unwrap_or_else(|| "—".to_owned()),
        new: change.new.clone().unwrap_or_else(|| "removed".to_owned()),
    });
    let mut title = format!("Saved: {}", Counts::of(changes).sentence());
    if update.map().is_empty() {
        let attribute = &subject.provider.username_attribute;
        title = format!(
            "{title}. There is no map any more: the value of \"{attribute}\" is the username"
        );
    }
    Flash {
        tone: Tone::Good,
        title,
        changes: told.collect(),
        in_force_since: Some(Moment::now()),
    }
}

/// "1 row", "100,000 rows".
pub fn rows(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{} rows", grouped(count)),
    }
}

/// With a comma at each third digit.
pub fn grouped(count: impl std::fmt::Display) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn counts_are_a_sentence() {
        let counts = |added, changed, removed| {
            Counts {
                added,
                changed,
                removed,
            }
            .sentence()
        };
        assert_eq!(counts(0, 0, 0), "no row changed");
        assert_eq!(counts(1, 0, 0), "1 row added");
        assert_eq!(counts(0, 2, 1000), "2 rows changed, 1,000 removed");
    }
}
