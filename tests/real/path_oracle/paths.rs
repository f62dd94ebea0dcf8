//! Raw paths as an attacker writes them: well-known ones, mutated.

use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// What is mutated: protected paths, public ones, ways between them.
const STEMS: [&str; 26] = [
    "rest/api/content",
    "rest/api/content",
    "rest",
    "rest/public/x",
    "rest/api/latest/serverInfo",
    "rpc/xmlrpc",
    "status",
    "login.action",
    "status/../rest/api/content",
    "rest/public/../api/content",
    "rest/../login.action",
    "display/DS/x",
    "s/en_GB/1/_/rest/api/content",
    "s/_/rest/_/x",
    "s/x/_/download/y",
    // nginx makes a segment's end of it, and leaves the `;` to Tomcat.
    "rest;x=%2fy/%2e%2e",
    "rest/;x=%2Fy/public",
    // What follows the `_` is a target of its own once decoded: cut at a `?` or `#`.
    "s/x/_/rest%3fa",
    "s/x/_/rest/api%3Fa/x",
    "s/x/_/download%3f/../rest/y",
    "s/x/_/rpc%3f/../download",
    "s/x/_/rest%23/x",
    "s/x/_/download%23/../rest/y",
    "confluence/rest/api/content",
    "confluence/s/a/_/rest/x",
    "confluence/status/../rest/x",
];

/// Segments that lead elsewhere, or only seem to.
const STEPS: [&str; 26] = [
    "",
    ".",
    "..",
    "a",
    "rest",
    "REST",
    "_",
    "s",
    "confluence",
    "status",
    "..;",
    "..;x=y",
    ".;x",
    ";",
    ";x=y",
    ";x=..",
    "%2e",
    "%2e%2e",
    ".%2E",
    "%252e%252e",
    "...",
    "..%00",
    "..%2f",
    "..%5c",
    "\\..",
    "#",
];

/// What is put into a segment.
const PIECES: [&[u8]; 30] = [
    b";",
    b";jsessionid=1",
    b";a=b;c",
    b"%3b",
    b"%3Bx",
    b"%2f",
    b"%2F",
    b"%5c",
    b"\\",
    b"%25",
    b"%252f",
    b"%00",
    b"%0a",
    b"%09",
    b"%20",
    b"%3f",
    b"%23",
    b"#",
    b"?",
    b"%c0%af",
    b"%c0%ae",
    b"%e0%80%af",
    b"\xc0\xae",
    b"\xc3\xa9",
    b"%c3%a9",
    b"%",
    b"%z",
    b"%u002e",
    b".",
    b"%C2%85",
];

/// An endless supply of paths; the same seed gives the same ones.
pub struct Paths(TestRng);

impl Paths {
    pub fn from_seed(seed: u64) -> Self {
        let seed: Vec<u8> = seed.to_le_bytes().repeat(4);
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    fn one_of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[self.below(choice.len())]
    }

    fn path(&mut self) -> Vec<u8> {
        let stem = self.one_of(&STEMS);
        let mut segments: Vec<Vec<u8>> =
            stem.split('/').map(|one| one.as_bytes().to_vec()).collect();
        for _ in 0..self.below(4) {
            self.change_the_way(&mut segments);
        }
        for _ in 0..self.below(4) {
            let at = self.below(segments.len());
            self.change_a_segment(&mut segments[at]);
        }
        let mut path = Vec::new();
        for segment in segments {
            path.push(b'/');
            path.extend(segment);
        }
        path
    }

    fn change_the_way(&mut self, segments: &mut Vec<Vec<u8>>) {
        let at = self.below(segments.len() + 1);
        let step = self.one_of(&STEPS).as_bytes().to_vec();
        match self.below(5) {
            // A detour, which is no change to whoever resolves it.
            0 | 1 => {
                let back = self.one_of(&["..", "..", "%2e%2e", "..;", ".%2e"]);
                segments.splice(at..at, [step, back.as_bytes().to_vec()]);
            }
            2 | 3 => segments.insert(at, step),
            _ => segments[at.saturating_sub(1)] = step,
        }
    }

    fn change_a_segment(&mut self, segment: &mut Vec<u8>) {
        let at = self.below(segment.len() + 1);
        if at == segment.len() || self.below(3) == 0 {
            let piece = self.one_of(&PIECES);
            segment.splice(at..at, piece.iter().copied());
            return;
        }
        let byte = segment[at];
        match self.below(3) {
            0 => segment[at] = byte.to_ascii_uppercase(),
            1 => drop(segment.splice(at..=at, format!("%{byte:02x}").into_bytes())),
            _ => drop(segment.splice(at..=at, format!("%{byte:02X}").into_bytes())),
        }
    }
}

impl Iterator for Paths {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.path())
    }
}
