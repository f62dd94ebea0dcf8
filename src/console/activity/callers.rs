//! Who calls: users and applications, by the kind of credential.

use super::asked::Asked;
use super::words;
use crate::console::page::Moment;
use crate::console::username_map::grouped;
use crate::decision::credential::Kind;
use crate::store::Caller;

/// So many rows stand on the page; the export has more.
const SHOWN: usize = 50;

/// Who calls, as the page shows it.
#[derive(Debug, Default)]
pub struct Callers {
    /// The kinds of credentials that were sent, each with a link to its callers; all of them first.
    pub kinds: Vec<KindLink>,
    /// The callers with the most calls.
    pub rows: Vec<CallerRow>,
    /// How many more there are.
    pub more: usize,
}

/// A kind of credential.
#[derive(Debug)]
pub struct KindLink {
    pub label: String,
    pub link: String,
    pub is_current: bool,
}

/// A user or an application.
#[derive(Debug)]
pub struct CallerRow {
    pub name: String,
    /// Where their events are; empty where they have no name.
    pub link: String,
    /// What else is known.
    pub note: String,
    pub credential: &'static str,
    pub allowed: String,
    pub observed: String,
    pub refused: String,
    pub last: Moment,
}

impl Callers {
    /// What the page shows of all callers.
    pub fn of(callers: &[Caller], asked: &Asked) -> Self {
        let wanted = &asked.credential;
        let fits = |caller: &&Caller| wanted.is_empty() || caller.credential == *wanted;
        let chosen: Vec<_> = callers.iter().filter(fits).collect();
        let rows = chosen.iter().take(SHOWN);
        Self {
            kinds: kinds(callers, asked),
            rows: rows.map(|caller| CallerRow::of(caller, asked)).collect(),
            more: chosen.len().saturating_sub(SHOWN),
        }
    }
}

/// Only kinds that occur; the chosen one always.
fn kinds(callers: &[Caller], asked: &Asked) -> Vec<KindLink> {
    let kind = |name: &str, label: &str, count: usize| {
        let is_current = asked.credential == name;
        (count > 0 || is_current).then(|| KindLink {
            label: format!("{label}: {}", count_of(count)),
            link: format!(
                "{}#callers",
                Asked {
                    credential: name.to_owned(),
                    ..asked.newest()
                }
                .link()
            ),
            is_current,
        })
    };
    let mut links = vec![kind("", "All", callers.len())];
    for known in Kind::ALL {
        let name = known.as_str();
        let count = callers.iter().filter(|one| one.credential == name).count();
        links.push(kind(name, words::credential(name), count));
    }
    links.into_iter().flatten().collect()
}

fn count_of(count: usize) -> String {
    match count {
        1 => "1 caller".to_owned(),
        count => format!("{} callers", grouped(count)),
    }
}

impl CallerRow {
    fn of(caller: &Caller, asked: &Asked) -> Self {
        let (name, link) = name(caller, &asked.unfiltered());
        let networks = match caller.networks {
            _ if caller.is_coarse => String::new(),
            1 => "from 1 network".to_owned(),
            networks => format!("from {} networks", grouped(networks)),
        };
        let application = match caller.client_id.as_str() {
            id if !id.is_empty() && !caller.user.is_empty() => format!("through {id}"),
            _ => String::new(),
        };
        let by = match caller.provider.as_str() {
            "" => String::new(),
            provider => format!("by {provider}"),
        };
        let notes = [application, by, networks];
        let notes: Vec<_> = notes.into_iter().filter(|note| !note.is_empty()).collect();
        Self {
            name,
            link,
            note: notes.join(", "),
            credential: words::credential(&caller.credential),
            allowed: grouped(caller.allowed),
            observed: grouped(caller.observed),
            refused: grouped(caller.refused),
            last: Moment(caller.last_at),
        }
    }
}

fn name(caller: &Caller, all: &Asked) -> (String, String) {
    let link = |asked: Asked| format!("{}#events", asked.link());
    match caller {
        Caller {
            is_coarse: true, ..
        } => ("Others, who are not told apart".to_owned(), String::new()),
        Caller { user, .. } if !user.is_empty() => (
            user.clone(),
            link(Asked {
                user: user.clone(),
                ..all.clone()
            }),
        ),
        Caller { client_id, .. } if !client_id.is_empty() => (
            format!("Application {client_id}"),
            link(Asked {
                client: client_id.clone(),
                ..all.clone()
            }),
        ),
        _ => ("Nobody is named".to_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::OTHER;

    fn caller(credential: &str, user: &str, client_id: &str) -> Caller {
        Caller {
            credential: credential.to_owned(),
            provider: String::new(),
            user: user.to_owned(),
            client_id: client_id.to_owned(),
            is_coarse: false,
            allowed: 1_204,
            observed: 0,
            refused: 3,
            networks: 2,
            last_at: 1_790_000_000,
        }
    }

    #[test]
    fn callers_are_counted_and_chosen_by_kind() {
        let all = [
            caller("basic", "svc-jenkins", ""),
            caller("basic", "svc-nagios", ""),
            caller("bearer", "", "app-1"),
            caller("none", "", ""),
        ];
        let labels = |credential: &str| {
            let asked = Asked {
                credential: credential.to_owned(),
                ..Asked::default()
            };
            let callers = Callers::of(&all, &asked);
            let kinds = callers.kinds.iter();
            let kinds: Vec<_> = kinds
                .map(|kind| (kind.label.clone(), kind.is_current))
                .collect();
            let names: Vec<_> = callers.rows.into_iter().map(|row| row.name).collect();
            (kinds, names)
        };
        let (kinds, names) = labels("basic");
        assert!(
            kinds.contains(&("Basic: 2 callers".to_owned(), true)),
            "{kinds:?}"
        );
        assert!(kinds.contains(&("No credential: 1 caller".to_owned(), false)));
        assert!(kinds.contains(&("All: 4 callers".to_owned(), false)));
        assert_eq!(names, ["svc-jenkins", "svc-nagios"]);
        assert_eq!(
            labels("").1,
            [
                "svc-jenkins",
                "svc-nagios",
                "Application app-1",
                "Nobody is named"
            ]
        );
        let (kinds, names) = labels("oauth1");
        assert!(kinds.contains(&("OAuth 1.0: 0 callers".to_owned(), true)));
        assert!(names.is_empty());
    }

    #[test]
    fn a_user_who_is_called_other_is_not_the_row_of_all_others() {
        let real = CallerRow::of(&caller("basic", OTHER, ""), &Asked::default());
        assert_eq!(real.name, OTHER);
        let others = Caller {
            is_coarse: true,
            ..caller("basic", OTHER, "")
        };
        let others = CallerRow::of(&others, &Asked::default());
        assert_eq!((others.link.as_str(), others.note.as_str()), ("", ""));
    }
}
