//! Tokens that are nearly good: what attackers have changed in other people's tokens.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bearergate_testkit::{SigningKey, Token};
use serde_json::{Value, json};

/// How many signed tokens are at hand.
const SIGNED: usize = 16;

/// Numbers that a seed repeats (`SplitMix64`).
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % (end as u64)).expect("below a usize")
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Makes tokens, each by one to three mutations.
pub struct Mutator {
    random: Random,
    keys: Vec<SigningKey>,
    stranger: SigningKey,
    /// Tokens signed before. Signing takes far longer than all else, so each is changed a few times.
    signed: Vec<String>,
    /// A token made before, to be spliced with.
    former: String,
}

impl Mutator {
    pub fn new(random: Random, keys: Vec<SigningKey>, stranger: SigningKey) -> Self {
        Self {
            random,
            keys,
            stranger,
            signed: Vec::new(),
            former: "a.b.c".to_owned(),
        }
    }

    /// A token made of a good one.
    pub fn next(&mut self, good: impl FnOnce() -> Token) -> String {
        if self.signed.len() < SIGNED || self.random.below(8) == 0 {
            let token = self.new_token(good());
            // An old one goes: a token may not outlive the distance of its times from the clock's.
            if self.signed.len() == SIGNED {
                let at = self.random.below(SIGNED);
                self.signed.swap_remove(at);
            }
            self.signed.push(token);
        }
        let mut token = self.random.one_of(&self.signed).clone();
        for _ in 0..self.random.below(3) {
            token = self.change_text(&token);
        }
        self.former.clone_from(&token);
        token
    }

    fn new_token(&mut self, mut good: Token) -> String {
        for _ in 0..self.random.below(3) {
            self.change_members(&mut good);
        }
        self.sign(good)
    }

    /// Mostly by the key that the header names.
    fn sign(&mut self, token: Token) -> String {
        if self.random.below(20) == 0 {
            return token
                .with_header("kid", self.keys[0].id.clone())
                .signed_by(&self.stranger);
        }
        // RSA signatures take longest to make, so they are fewer.
        let key = match self.random.below(8) {
            0 => 0,
            1 => 1,
            number => 2 + number % 2,
        };
        let key = self.keys[key].clone();
        match self.random.below(12) {
            0 => self.sign_with_duplicates(token, &key),
            _ => token.signed_by(&key),
        }
    }

    /// With a member twice: libraries keep the first, or the last.
    fn sign_with_duplicates(&mut self, token: Token, key: &SigningKey) -> String {
        let double = |text: String, member: &str| format!("{{{member},{}", &text[1..]);
        let mut header = token.header;
        header.insert("alg".to_owned(), format!("{:?}", key.algorithm).into());
        header.insert("kid".to_owned(), key.id.clone().into());
        let (header, claims) = (
            Value::Object(header).to_string(),
            Value::Object(token.claims).to_string(),
        );
        let header_member =
            *self
                .random
                .one_of(&[r#""alg":"none""#, r#""kid":"ec""#, r#""\u0061lg":"HS256""#]);
        let claim = *self.random.one_of(&[
            r#""exp":1"#,
            r#""exp":9999999999"#,
            r#""\u0065xp":1"#,
            r#""nbf":9999999999"#,
        ]);
        if self.random.below(2) == 0 {
            key.sign(&double(header, header_member), &claims)
        } else {
            key.sign(&header, &double(claims, claim))
        }
    }

    fn change_members(&mut self, token: &mut Token) {
        let now = bearergate_testkit::token::now();
        // Far enough from the clock skew of a minute for two clocks to agree. No null: to the gate that is absent.
        let times = [
            json!(now - 90),
            json!(now + 90),
            json!(now - 100_000),
            json!(now + 100_000),
            json!(0),
            json!(-1),
            json!(1e300),
            json!("soon"),
            json!(now.to_string()),
            json!([now]),
            json!(true),
            json!(9_007_199_254_740_993_i64),
            json!(253_402_300_800_i64),
            json!({}),
        ];
        let headers = [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("HS256")),
            ("alg", json!("RS256 ")),
            ("alg", json!("rs256")),
            ("alg", json!("RS384")),
            ("alg", json!("ES256")),
            ("alg", json!("EdDSA")),
            ("alg", json!("PS256")),
            ("alg", json!(["RS256"])),
            ("alg", json!("RS256\u{0}")),
            ("kid", json!("ec")),
            ("kid", json!("ed")),
            ("kid", json!("../../key")),
            ("kid", json!(7)),
            ("kid", json!("")),
            ("crit", json!(["b64"])),
            ("crit", json!([])),
            ("crit", json!(["exp"])),
            ("b64", json!(false)),
            ("typ", json!("JOSE")),
            ("typ", json!("at+jwt")),
            ("typ", json!(1)),
            ("jwk", self.stranger.jwk()),
            ("jku", json!("https://attacker.invalid/keys")),
            ("x5c", json!(["AAAA"])),
            ("zip", json!("DEF")),
            ("cty", json!("JWT")),
            ("ünïcode", json!("ﬀ\u{202e}")),
        ];
        let claims = [
            ("iss", json!("https://attacker.invalid/")),
            ("iss", json!(["a"])),
            ("aud", json!(7)),
            ("aud", json!([])),
            ("sub", json!("\u{0}")),
            ("sub", json!({})),
            ("jti", json!("ü")),
            ("cnf", json!({"jkt": "a"})),
            ("given_name", json!("Älïce")),
            ("nonce", json!("n")),
        ];
        match self.random.below(3) {
            0 => {
                let (name, value) = self.random.one_of(&headers).clone();
                token.header.insert(name.to_owned(), value);
            }
            1 => {
                let name = *self.random.one_of(&["exp", "nbf", "iat"]);
                token
                    .claims
                    .insert(name.to_owned(), self.random.one_of(&times).clone());
            }
            _ => {
                let (name, value) = self.random.one_of(&claims).clone();
                token.claims.insert(name.to_owned(), value);
            }
        }
    }

    fn change_text(&mut self, token: &str) -> String {
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let at = self.random.below(parts.len());
        let former: Vec<String> = self.former.split('.').map(str::to_owned).collect();
        match self.random.below(9) {
            0 => parts[at] = self.flip_a_bit(&parts[at]),
            1 => parts[at] = self.change_a_character(&parts[at]),
            2 => parts[at] = self.respell(&parts[at]),
            3 => parts[at].clone_from(self.random.one_of(&former)),
            4 => {
                parts.pop();
            }
            5 => parts.push(self.random.one_of(&former).clone()),
            6 => parts[at].clear(),
            7 => return self.with_a_blank(token),
            _ => return self.with_public_key_as_secret(token),
        }
        parts.join(".")
    }

    fn flip_a_bit(&mut self, part: &str) -> String {
        let Ok(mut bytes) = URL_SAFE_NO_PAD.decode(part) else {
            return part.to_owned();
        };
        if !bytes.is_empty() {
            let at = self.random.below(bytes.len());
            bytes[at] ^= 1 << self.random.below(8);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn change_a_character(&mut self, part: &str) -> String {
        let mut characters: Vec<char> = part.chars().collect();
        if !characters.is_empty() {
            // The last one often: its bits may count for nothing.
            let last = characters.len() - 1;
            let at = if self.random.below(2) == 0 {
                last
            } else {
                self.random.below(last + 1)
            };
            characters[at] = *self
                .random
                .one_of(&['A', 'B', 'Q', '-', '_', '+', '/', '=', '!', 'é', '\n']);
        }
        characters.into_iter().collect()
    }

    /// In another alphabet or with padding.
    fn respell(&mut self, part: &str) -> String {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(part) else {
            return part.to_owned();
        };
        match self.random.below(3) {
            0 => STANDARD.encode(bytes),
            1 => URL_SAFE.encode(bytes),
            _ => format!("{part}{}", "=".repeat(1 + self.random.below(3))),
        }
    }

    fn with_a_blank(&mut self, token: &str) -> String {
        let blank = *self
            .random
            .one_of(&[" ", "\t", "\n", "\r\n", "\u{a0}", "\u{feff}", "\u{0}"]);
        let mut places: Vec<usize> = token.char_indices().map(|(at, _)| at).collect();
        places.push(token.len());
        let at = *self.random.one_of(&places);
        format!("{}{blank}{}", &token[..at], &token[at..])
    }

    /// HS256 by a public key, as if that were a secret (RFC 8725, section 2.1).
    fn with_public_key_as_secret(&mut self, token: &str) -> String {
        let key = self.random.one_of(&self.keys).clone();
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": key.id }).to_string();
        let claims = token.split('.').nth(1).unwrap_or_default();
        let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
        let secret = jsonwebtoken::EncodingKey::from_secret(key.jwk().to_string().as_bytes());
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256);
        format!("{message}.{}", signature.expect("any bytes are a secret"))
    }
}
