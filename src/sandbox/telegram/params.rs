//! Parameters of a call, however they were sent: query, form, JSON or multipart.

use std::collections::HashMap;

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::state::ApiError;
use crate::sandbox::http::form_pairs;

/// A file in a multipart body.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

/// The parameters and files of one call.
#[derive(Debug, Default)]
pub(super) struct Params {
    pub(super) map: Map<String, Value>,
    pub(super) files: HashMap<String, Upload>,
}

impl Params {
    /// Read them all; `None` when the body is not what its content type says.
    pub(super) fn read(query: &str, kind: &str, body: &Bytes) -> Option<Params> {
        let mut params = Params::default();
        params.pairs(form_pairs(query));
        if body.is_empty() {
            return Some(params);
        }
        let lower = kind.to_ascii_lowercase();
        if lower.starts_with("application/json") {
            match serde_json::from_slice(body).ok()? {
                Value::Object(map) => {
                    params.map.extend(map.into_iter().filter(|(_, value)| !value.is_null()));
                }
                Value::Null => {}
                _ => return None,
            }
        } else if lower.starts_with("multipart/form-data") {
            let boundary = kind.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
            params.multipart(body, boundary)?;
        } else {
            params.pairs(form_pairs(std::str::from_utf8(body).ok()?));
        }
        Some(params)
    }

    fn pairs(&mut self, pairs: impl Iterator<Item = (String, String)>) {
        self.map.extend(pairs.map(|(name, value)| (name, Value::String(value))));
    }

    fn multipart(&mut self, body: &Bytes, boundary: &str) -> Option<()> {
        let mark = format!("--{boundary}");
        let mut at = find(body, mark.as_bytes(), 0)? + mark.len();
        while !body[at..].starts_with(b"--") {
            at += 2;
            let head_end = find(body, b"\r\n\r\n", at)?;
            let head = String::from_utf8_lossy(&body[at..head_end]).into_owned();
            let end = find(body, format!("\r\n{mark}").as_bytes(), head_end + 2)?;
            let content = body.slice((head_end + 4).min(end)..end);
            self.part(&head, content)?;
            at = end + 2 + mark.len();
        }
        Some(())
    }

    fn part(&mut self, head: &str, content: Bytes) -> Option<()> {
        let line = |name: &str| {
            head.split("\r\n").find_map(|line| {
                let (field, value) = line.split_once(':')?;
                field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let disposition = line("content-disposition")?;
        let attribute = |name: &str| {
            let start = disposition.find(&format!("; {name}=\""))? + name.len() + 4;
            disposition[start..].split('"').next().map(str::to_owned)
        };
        let name = attribute("name")?;
        if let Some(file) = attribute("filename") {
            let mime = line("content-type").unwrap_or_else(|| "application/octet-stream".to_owned());
            self.files.insert(name, Upload { name: file, mime, bytes: content });
        } else {
            self.map.insert(name, Value::String(String::from_utf8(content.to_vec()).ok()?));
        }
        Some(())
    }

    /// A text; numbers and booleans count as what they print.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.map.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A number; none when absent, empty or no number, as the real server reads it.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.map.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A switch.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.map.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => ["true", "yes", "1"].contains(&text.to_ascii_lowercase().as_str()),
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            _ => false,
        }
    }

    /// A structure, sent as JSON or as a string of JSON.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_slice(text.as_bytes())
                .map(Some)
                .map_err(|_| ApiError::bad(&format!("can't parse {} JSON object", name.replace('_', " ")))),
            Some(value) => Ok(Some(value.clone())),
        }
    }
}

fn find(body: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::Params;

    #[test]
    fn the_same_parameters_arrive_by_every_road() {
        let multipart = "--X\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--X\r\nContent-Disposition: \
                         form-data; name=\"text\"\r\n\r\na b\r\n--X--\r\n";
        let table = [
            ("chat_id=7&text=a%20b", "", ""),
            ("", "application/x-www-form-urlencoded", "chat_id=7&text=a+b"),
            ("", "application/json", r#"{"chat_id":7,"text":"a b"}"#),
            ("", "multipart/form-data; boundary=X", multipart),
        ];
        for (query, kind, body) in table {
            let params = Params::read(query, kind, &Bytes::from(body)).unwrap();
            assert_eq!(
                (params.int("chat_id"), params.text("text")),
                (Some(7), Some("a b".to_owned())),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_file_keeps_its_bytes_name_and_type() {
        let body =
            b"--X\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.md\"\r\nContent-Type: \
                     text/markdown\r\n\r\n\r\n--\xff\r\n--X--\r\n";
        let params = Params::read("", "multipart/form-data; boundary=X", &Bytes::from_static(body)).unwrap();
        let file = &params.files["document"];
        assert_eq!(
            (file.name.as_str(), file.mime.as_str(), &file.bytes[..]),
            ("a.md", "text/markdown", &b"\r\n--\xff"[..])
        );
    }

    #[test]
    fn a_broken_body_is_refused() {
        for (kind, body) in [("application/json", "{"), ("multipart/form-data; boundary=X", "--X\r\nnothing")]
        {
            assert!(Params::read("", kind, &Bytes::from(body)).is_none(), "{kind}");
        }
    }
}
