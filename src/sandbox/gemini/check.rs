//! Reads a request body as strictly as the real JSON front end: unknown names, wrong types and wrong enum values
//! are refused with its words. Names are taken in both spellings, `generationConfig` and `generation_config`.

use serde_json::{Map, Value};

use super::errors::{ErrorBody, bad_request, plain};
use super::media;

use super::models::draws;
use super::protocol::Kind::{Bool, Bytes, Enum, Enums, Float, Int, Many, One, Struct, Text, Texts};
use super::protocol::{Kind, Message, PART, REQUEST};

/// A body that follows the protocol, or the server's answer to one that does not.
pub(super) fn read(body: &[u8]) -> Result<Value, ErrorBody> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| bad_request("", "Invalid JSON payload received. Unexpected token.\n"))?;
    check_message(&value, &REQUEST, "")?;
    Ok(value)
}

/// A field in either spelling.
pub(super) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value
        .as_object()?
        .iter()
        .find(|(json, value)| same_name(name, json) && !value.is_null())
        .map(|(_, value)| value)
}

/// Whether `json` is the protocol name `field`, in its own spelling or in camel case.
fn same_name(field: &str, json: &str) -> bool {
    if field == json {
        return true;
    }
    let mut json = json.bytes();
    let mut upper = false;
    for (at, byte) in field.bytes().enumerate() {
        if byte == b'_' && at > 0 {
            upper = true;
            continue;
        }
        let want = if upper { byte.to_ascii_uppercase() } else { byte };
        upper = false;
        if json.next() != Some(want) {
            return false;
        }
    }
    json.next().is_none()
}

fn check_message(value: &Value, message: &Message, path: &str) -> Result<(), ErrorBody> {
    let Some(object) = value.as_object() else {
        return Err(bad_request(path, &format!("Invalid value at '{path}' (message), {value}")));
    };
    for (name, value) in object {
        let found = message.fields.iter().find(|(field, _)| same_name(field, name));
        let Some((field, kind)) = found else {
            let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
            return Err(bad_request(
                path,
                &format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."),
            ));
        };
        let place = if path.is_empty() { (*field).to_owned() } else { format!("{path}.{field}") };
        if !value.is_null() {
            check_value(value, *kind, &place)?;
        }
    }
    if std::ptr::eq(message, &raw const PART) {
        one_of(object, path)?;
    }
    Ok(())
}

/// The front end refuses two members of one `oneof`.
fn one_of(object: &Map<String, Value>, path: &str) -> Result<(), ErrorBody> {
    let data = object.keys().filter(|name| PART.fields[..7].iter().any(|(field, _)| same_name(field, name)));
    match data.count() {
        0 | 1 => Ok(()),
        _ => Err(bad_request(
            path,
            &format!("Invalid value at '{path}' (oneof), oneof field 'data' is already set."),
        )),
    }
}

fn check_value(value: &Value, kind: Kind, path: &str) -> Result<(), ErrorBody> {
    let invalid =
        |kind: &str| Err(bad_request(path, &format!("Invalid value at '{path}' ({kind}), {value}")));
    let one_enum = |value: &Value, name: &str, values: &[&str]| match value {
        Value::String(text) if values.contains(&text.as_str()) => Ok(()),
        Value::Number(_) => Ok(()),
        _ => invalid(&format!("type.googleapis.com/google.ai.generativelanguage.v1beta.{name}")),
    };
    let each = |check: &dyn Fn(&Value, &str) -> Result<(), ErrorBody>| match value.as_array() {
        // A single value is taken for a list of one by the real server too.
        None => check(value, path),
        Some(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| check(item, &format!("{path}[{at}]")))
        }
    };
    match kind {
        Kind::Any => Ok(()),
        Text if value.is_string() => Ok(()),
        Text => invalid("TYPE_STRING"),
        Bytes => match value.as_str() {
            Some(text) if is_base64(text) => Ok(()),
            _ => Err(bad_request(
                path,
                &format!("Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed"),
            )),
        },
        Bool if value.is_boolean() => Ok(()),
        Bool => invalid("TYPE_BOOL"),
        Int if value.as_i64().is_some() || value.as_str().is_some_and(|v| v.parse::<i64>().is_ok()) => Ok(()),
        Int => invalid("TYPE_INT32"),
        Float if value.is_number() || value.as_str().is_some_and(|v| v.parse::<f64>().is_ok()) => Ok(()),
        Float => invalid("TYPE_FLOAT"),
        Struct if value.is_object() => Ok(()),
        Struct => invalid("type.googleapis.com/google.protobuf.Struct"),
        Texts => each(&|item, path| check_value(item, Text, path)),
        Enum(name, values) => one_enum(value, name, values),
        Enums(name, values) => each(&|item, _| one_enum(item, name, values)),
        One(message) => check_message(value, message, path),
        Many(message) => each(&|item, path| check_message(item, message, path)),
        Kind::Map(message) => match value.as_object() {
            None => invalid("map"),
            Some(entries) => entries
                .iter()
                .try_for_each(|(name, entry)| check_message(entry, message, &format!("{path}[{name}]"))),
        },
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    body.len() % 4 != 1 && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(&b))
}

/// What the service behind the front end refuses, and what it takes but a careful client would not send.
pub(super) fn meaning(body: &Value, model: &str, flags: &mut Vec<&'static str>) -> Result<(), ErrorBody> {
    let refuse = |message: String| Err(plain(400, "INVALID_ARGUMENT", &message));
    let contents = field(body, "contents").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if contents.is_empty() {
        return refuse("* GenerateContentRequest.contents: contents is not specified\n".to_owned());
    }
    let mut last = "";
    for (at, content) in contents.iter().enumerate() {
        let place = format!("* GenerateContentRequest.contents[{at}].parts");
        let parts = content.get("parts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if parts.is_empty() {
            return refuse(format!("{place}: contents.parts must not be empty.\n"));
        }
        for (n, part) in parts.iter().enumerate() {
            let data = PART.fields[..7].iter().find_map(|(name, _)| field(part, name));
            match data {
                None => {
                    return refuse(format!(
                        "{place}[{n}].data: required oneof field 'data' must have one initialized field\n"
                    ));
                }
                Some(data) if field(part, "inline_data").is_some() => media::check(data)?,
                Some(Value::String(text)) if text.is_empty() => flags.push("empty text part"),
                Some(_) => {}
            }
        }
        let role = content.get("role").and_then(Value::as_str).unwrap_or("");
        if !["", "user", "model", "function"].contains(&role) {
            return refuse("Please use a valid role: user, model.".to_owned());
        }
        if at > 0 && role == last {
            flags.push("two turns of one role in a row");
        }
        last = role;
    }
    if last == "model" {
        flags.push("last turn is the model");
        return refuse(
            "Please ensure that multiturn requests ends with a user role or a function response.".to_owned(),
        );
    }
    config_meaning(field(body, "generation_config").unwrap_or(&Value::Null), model)
}

fn config_meaning(config: &Value, model: &str) -> Result<(), ErrorBody> {
    let refuse = |message: &str| Err(plain(400, "INVALID_ARGUMENT", message));
    let number = |name: &str| field(config, name).and_then(Value::as_f64);
    if number("temperature").is_some_and(|t| !(0.0..=2.0).contains(&t)) {
        return refuse(
            "* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n",
        );
    }
    if number("max_output_tokens").is_some_and(|n| n < 1.0) {
        return refuse("max_output_tokens must be positive.");
    }
    let thinking = field(config, "thinking_config").unwrap_or(&Value::Null);
    let level = field(thinking, "thinking_level").is_some();
    let budget = field(thinking, "thinking_budget").is_some();
    if level && budget {
        return refuse("You can only set only one of thinking budget and thinking level.");
    }
    if level && model.contains("-2.") {
        return refuse("Thinking level is not supported for this model.");
    }
    let modalities = field(config, "response_modalities").and_then(Value::as_array);
    if modalities.is_some_and(|asked| asked.iter().any(|one| one == "IMAGE")) && !draws(model) {
        return refuse("Model does not support the requested response modalities: image,text");
    }
    let schema = ["response_schema", "_response_json_schema", "response_json_schema"];
    let mime = field(config, "response_mime_type").and_then(Value::as_str).unwrap_or("text/plain");
    if !["text/plain", "application/json", "text/x.enum"].contains(&mime) {
        return refuse(&format!(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, \
             `application/json`, `application/xml`, `application/yaml` and `text/x.enum`. Received: {mime}\n"
        ));
    }
    if mime == "text/plain" && schema.iter().any(|name| field(config, name).is_some()) {
        return refuse(
            "Function calling with a response mime type: 'text/plain' is unsupported: response_schema needs \
             application/json.",
        );
    }
    Ok(())
}
