//! Strict JSON: what is read for security is read in one way only.
//!
//! `serde_json` keeps the last of two equal members, other readers keep the first; a document with
//! duplicates therefore means different things to different programs and is refused, at every level.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses `text` as one JSON value without duplicate members, at most 128 levels deep.
///
/// # Errors
/// When the text is no JSON, is not UTF-8, has something after the value, or repeats a member.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Parses `text` as [`parse`] does and takes only an object.
///
/// # Errors
/// As [`parse`], and when the value is no object.
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    match parse(text)? {
        Value::Object(members) => Ok(members),
        _ => Err(serde_json::Error::custom("not a JSON object")),
    }
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict)?;
            if map.contains_key(&name) {
                // The name is not repeated: it may come from a token.
                return Err(A::Error::custom("a member appears twice in one object"));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_members_are_refused_at_every_level() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"b":1,"b":2}]"#,
            "{\"a\":1,\"\\u0061\":2}",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn anything_but_one_json_value_is_refused() {
        let deep = "[".repeat(10_000);
        for text in [
            "",
            " ",
            "{} x",
            "{\"a\":NaN}",
            "{'a':1}",
            "\u{feff}{}",
            &deep,
            "1e999",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.20}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse_object(b"[]").is_err());
    }

    #[test]
    fn values_are_kept_as_they_are() {
        let text = r#"{"a":[1,-1,1.5,true,null,"x",{"b":{}}]}"#;
        let value = parse(text.as_bytes()).expect("good JSON");
        assert_eq!(value.to_string(), text);
    }
}
