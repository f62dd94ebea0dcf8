//! The map as CSV (RFC 4180), for spreadsheets and scripts: a header `value,username`, then a line a row.
//!
//! A spreadsheet takes a field that begins with `=`, `+`, `-` or `@` for a formula, and a value may be chosen by a
//! stranger. So the export puts an apostrophe before such a field, and the import takes it off again. A field that
//! already looks so protected gets one more, so that every map comes back as it was.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};

use super::super::username_fault;
use super::UsernameMap;

const HEADER: [&str; 2] = ["value", "username"];

/// What makes a field a formula; the last four are the full-width forms, which some spreadsheets take as well.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What is wrong with a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what is right.
    pub detail: String,
}

impl fmt::Display for LineFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.detail)
    }
}

impl UsernameMap {
    /// The map as a CSV file, in UTF-8.
    ///
    /// # Panics
    /// Never: memory takes everything.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        // Each field quoted: a spreadsheet that splits at semicolons then finds none.
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        let rows = self.rows.iter();
        let rows = rows.map(|(value, username)| [protected(value), protected(username)]);
        for row in std::iter::once(HEADER.map(ToOwned::to_owned)).chain(rows) {
            writer
                .write_record(row)
                .expect("memory takes every record of two fields");
        }
        writer.into_inner().expect("memory takes every byte")
    }

    /// Reads the rows of a CSV file. Its first line names the columns, separated by commas, semicolons or tabs.
    ///
    /// # Errors
    /// Every fault, by line.
    ///
    /// # Panics
    /// Never: text in memory can be read.
    pub fn read_csv(file: &[u8]) -> Result<BTreeMap<String, String>, Vec<LineFault>> {
        let text = text(file).map_err(|fault| vec![fault])?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let mut table = Table::default();
        let mut lines = Lines::new(text);
        let mut record = StringRecord::new();
        while reader
            .read_record(&mut record)
            .expect("text in memory, with any number of fields, can be read")
        {
            let start = record.position().map_or(0, csv::Position::byte);
            table.add(lines.of(start), &record);
        }
        table.end()
    }
}

/// With an apostrophe where a spreadsheet would see a formula, or the import one to take off.
fn protected(field: &str) -> String {
    let after = field.strip_prefix('\'');
    let looks_protected =
        after.is_some_and(|rest| rest.starts_with('\'') || rest.starts_with(FORMULA));
    let apostrophe = if looks_protected || field.starts_with(FORMULA) {
        "'"
    } else {
        ""
    };
    format!("{apostrophe}{field}")
}

/// Undoes [`protected`]; an apostrophe that protects nothing belongs to the field.
fn unprotected(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if rest.starts_with('\'') || rest.starts_with(FORMULA) => rest,
        _ => field,
    }
}

/// The file's text, without the mark that spreadsheets begin UTF-8 with.
fn text(file: &[u8]) -> Result<&str, LineFault> {
    let text = std::str::from_utf8(file).map_err(|error| LineFault {
        line: 1 + line_ends(&file[..error.valid_up_to()]),
        detail: "has bytes that are no UTF-8; save the file as \"CSV UTF-8\"".to_owned(),
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What separates the columns of the first line: spreadsheets write semicolons where the comma is decimal.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let found = header.bytes().find(|byte| b",;\t".contains(byte));
    found.unwrap_or(b',')
}

fn line_ends(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

/// Counts lines along the file; the reader's own count is one behind after CRLF, and on empty lines.
struct Lines<'a> {
    text: &'a str,
    line: usize,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            line: 1,
            at: 0,
        }
    }

    /// The line on which the record stands that the reader began to look for at byte `start`.
    fn of(&mut self, start: u64) -> usize {
        let bytes = self.text.as_bytes();
        let start = usize::try_from(start)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let ends = bytes[start..]
            .iter()
            .take_while(|byte| b"\r\n".contains(byte));
        let start = start + ends.count();
        self.line += line_ends(&bytes[self.at..start]);
        self.at = start;
        self.line
    }
}

/// The rows read so far, with the lines on which they stand.
#[derive(Default)]
struct Table {
    has_header: bool,
    rows: BTreeMap<String, (usize, String)>,
    faults: Vec<LineFault>,
}

impl Table {
    fn add(&mut self, line: usize, record: &StringRecord) {
        if std::mem::replace(&mut self.has_header, true) {
            if let Err(detail) = self.add_row(line, record) {
                self.faults.push(LineFault { line, detail });
            }
        } else if !is_header(record) {
            let detail = "must be the header value,username".to_owned();
            self.faults.push(LineFault { line, detail });
        }
    }

    fn add_row(&mut self, line: usize, record: &StringRecord) -> Result<(), String> {
        let (Some(value), Some(username), 2) = (record.get(0), record.get(1), record.len()) else {
            return Err(format!(
                "has {} of the 2 fields value and username",
                record.len()
            ));
        };
        let (value, username) = (unprotected(value), unprotected(username));
        for (name, field) in HEADER.into_iter().zip([value, username]) {
            if let Some(fault) = username_fault(field) {
                return Err(format!("the {name} {fault}"));
            }
        }
        match self.rows.entry(value.to_owned()) {
            Entry::Vacant(free) => {
                free.insert((line, username.to_owned()));
                Ok(())
            }
            Entry::Occupied(taken) => Err(format!(
                "the value stands on line {} already",
                taken.get().0
            )),
        }
    }

    fn end(self) -> Result<BTreeMap<String, String>, Vec<LineFault>> {
        let Self {
            has_header,
            rows,
            mut faults,
        } = self;
        if !has_header {
            faults.push(LineFault {
                line: 1,
                detail: "is empty; the first line must be the header value,username".to_owned(),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let rows = rows.into_iter();
        Ok(rows
            .map(|(value, (_, username))| (value, username))
            .collect())
    }
}

fn is_header(record: &StringRecord) -> bool {
    let names = record.iter().map(|name| name.trim().to_ascii_lowercase());
    names.eq(HEADER)
}
