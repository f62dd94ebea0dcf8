//! The text format of Prometheus, as far as the program writes it.

use std::collections::BTreeMap;

use crate::validation::scene::Scene;

/// What a scrape gave.
#[derive(Debug)]
pub struct Scrape(pub Vec<Sample>);

/// One line of it.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    value: String,
}

impl Scrape {
    /// Scrapes the gate.
    pub async fn of(scene: &Scene) -> Self {
        let answer = scene.ask("GET", "/metrics", &[]).await;
        assert_eq!(answer.status, 200);
        Self::read(&answer.body)
    }

    pub fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.map(Sample::read).collect())
    }

    /// The value of the one sample with this name and, among its labels, these; `None` where there is none.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<&str> {
        let has = |sample: &Sample, (label, value): &(&str, &str)| {
            sample.labels.get(*label).is_some_and(|own| own == value)
        };
        let mut found = self
            .0
            .iter()
            .filter(|sample| sample.name == name && labels.iter().all(|label| has(sample, label)));
        let value = &found.next()?.value;
        assert!(found.next().is_none(), "{name}{labels:?} names several");
        Some(value)
    }

    /// A whole number that must be there.
    #[track_caller]
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.must(name, labels).parse().expect("a whole number")
    }

    /// A number that must be there.
    #[track_caller]
    pub fn number(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.must(name, labels).parse().expect("a number")
    }

    #[track_caller]
    fn must(&self, name: &str, labels: &[(&str, &str)]) -> &str {
        self.find(name, labels)
            .unwrap_or_else(|| panic!("no {name}{labels:?} in {self:#?}"))
    }
}

impl Sample {
    fn read(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}').expect("the labels' end")),
            None => (series, ""),
        };
        // No value that the program writes holds a comma or a quotation mark.
        let labels = labels.split(',').filter(|label| !label.is_empty());
        let labels = labels.map(|label| {
            let (name, value) = label.split_once('=').expect("a label's value");
            (name.to_owned(), value.trim_matches('"').to_owned())
        });
        Self {
            name: name.to_owned(),
            labels: labels.collect(),
            value: value.to_owned(),
        }
    }
}
