//! What a body says by serde_json and the URL standard's own parser of forms.

use serde_json::{Map, Value, json};

use super::{LIMIT, Note};
use crate::oracle::strict;
use crate::script::bearer;

#[derive(Debug)]
pub(super) struct Sent<'s> {
    pub(super) authorization: Option<&'s str>,
    pub(super) kind: Option<&'s str>,
    pub(super) body: &'s [u8],
}

/// What the handler has to hear.
#[derive(Debug)]
pub(super) struct Expected {
    user: Value,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    None,
    Json(Value),
    /// Rocket's forms are many-sided: what is known is which pairs there are.
    Form(Vec<(String, String)>),
}

/// What is found in a body, where it is one.
enum Fields {
    Form(Vec<(String, String)>),
    Json(Value),
}

pub(super) fn expected(path: &str, sent: &Sent<'_>) -> Option<Expected> {
    let (strategy, guard) = path.trim_start_matches('/').split_once('/')?;
    match strategy {
        "jwt" => by_token(guard, sent),
        _ => by_password(guard, sent),
    }
}

fn by_password(guard: &str, sent: &Sent<'_>) -> Option<Expected> {
    let mut fields = Fields::of(Kind::of(guard, sent)?, sent)?;
    let (username, password) = (fields.text(&["username"])??, fields.text(&["password"])??);
    fields.take(&["username"]);
    fields.take(&["password"]);
    let user = json!({ "username": username, "password": password });
    Some(Expected { user, payload: fields.payload(guard)? })
}

/// The token is the one of the head or that of the body, and there must not be two.
fn by_token(guard: &str, sent: &Sent<'_>) -> Option<Expected> {
    let head = match head(sent.authorization) {
        Head::Absent => None,
        Head::Token(token) => Some(token.to_owned()),
        Head::Malformed => return None,
    };
    let mut fields = match Kind::of(guard, sent) {
        Some(kind) => Some(Fields::of(kind, sent)?),
        None => None,
    };
    let mut tokens = Vec::from_iter(head);
    for path in [&["auth_token"][..], &["user", "token"]] {
        if let Some(fields) = &mut fields {
            tokens.extend(fields.text(path)?);
            fields.take(path);
        }
    }
    let token = tokens.first()?;
    if tokens.iter().any(|other| other != token) {
        return None;
    }
    let user = json!({ "name": bearer(token)? });
    let payload = match fields {
        Some(fields) => fields.payload(guard)?,
        None if guard == "user" => Payload::None,
        None => return None,
    };
    Some(Expected { user, payload })
}

enum Head<'s> {
    Absent,
    Token(&'s str),
    Malformed,
}

fn head(authorization: Option<&str>) -> Head<'_> {
    match authorization {
        None => Head::Absent,
        Some("Bearer") => Head::Malformed,
        Some(line) => line.strip_prefix("Bearer ").map_or(Head::Absent, Head::Token),
    }
}

/// What a body is read as, where credentials are looked for in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Form,
    Json,
}

impl Kind {
    fn of(guard: &str, sent: &Sent<'_>) -> Option<Self> {
        match (guard, essence(sent.kind.unwrap_or_default()).as_str()) {
            ("json", _) => Some(Self::Json),
            (_, "application/x-www-form-urlencoded") => Some(Self::Form),
            ("user", "application/json") => Some(Self::Json),
            _ => None,
        }
    }
}

impl Fields {
    fn of(kind: Kind, sent: &Sent<'_>) -> Option<Self> {
        if sent.body.len() > LIMIT {
            return None;
        }
        let text = std::str::from_utf8(sent.body).ok()?;
        if kind == Kind::Json {
            return match text {
                "" => Some(Self::Json(Value::Null)),
                text => strict(text.as_bytes()).map(Self::Json),
            };
        }
        // The standard's parser puts a replacement in the place of what is no UTF-8; nobody signs in
        // with that.
        let pairs = pairs(text);
        let is_legible = text.split(['&', '=']).all(|part| {
            let bytes = form_urlencoded::parse(part.as_bytes()).next();
            let replaced = bytes.map_or(0, |(name, _)| name.matches('\u{fffd}').count());
            replaced == spelled_replacements(part)
        });
        is_legible.then_some(Self::Form(pairs))
    }

    /// The text of a field, `None` inside where nothing is there; outside, where it is twice or no
    /// text.
    fn text(&self, path: &[&str]) -> Option<Option<String>> {
        let text = match self {
            Self::Form(pairs) => {
                let mut values = pairs.iter().filter(|(name, _)| is_path(name, path));
                match (values.next(), values.next()) {
                    (_, Some(_)) => return None,
                    (None, _) => None,
                    (Some((_, value)), None) => Some(value.clone()),
                }
            }
            Self::Json(value) => {
                match path.iter().try_fold(value, |value, step| value.as_object()?.get(*step)) {
                    None | Some(Value::Null) => None,
                    Some(Value::String(text)) => Some(text.clone()),
                    Some(_) => return None,
                }
            }
        };
        Some(text.filter(|text| !text.is_empty()))
    }

    /// What is left, as the handler wants it.
    fn payload(self, guard: &str) -> Option<Payload> {
        match (guard, self) {
            ("user", _) => Some(Payload::None),
            ("json", Self::Json(rest)) => {
                let note: Note = serde_json::from_value(rest).ok()?;
                Some(Payload::Json(json!(note)))
            }
            (_, Self::Form(pairs)) => Payload::of_form(pairs),
            _ => None,
        }
    }

    fn take(&mut self, path: &[&str]) {
        match self {
            Self::Form(pairs) => pairs.retain(|(name, _)| !is_path(name, path)),
            Self::Json(Value::Object(members)) => take(members, path),
            Self::Json(_) => {}
        }
    }
}

/// Takes a member, and an object that is empty without it.
fn take(members: &mut Map<String, Value>, path: &[&str]) {
    match path {
        [name] => {
            members.remove(*name);
        }
        [name, rest @ ..] => {
            if let Some(Value::Object(inner)) = members.get_mut(*name)
                && follow(inner, rest)
            {
                take(inner, rest);
                if inner.is_empty() {
                    members.remove(*name);
                }
            }
        }
        [] => {}
    }
}

fn follow(members: &Map<String, Value>, path: &[&str]) -> bool {
    path.first().is_some_and(|name| members.contains_key(*name))
}

impl Payload {
    /// What Rocket's guard makes of the pairs, as far as it is simple: the text has to be there.
    fn of_form(pairs: Vec<(String, String)>) -> Option<Self> {
        let borrowed = pairs.iter().map(|(name, value)| (&**name, &**value));
        let fields = borrowed.map(rocket::form::ValueField::from);
        rocket::form::Form::<Note>::parse_iter(fields).ok()?;
        Some(Self::Form(pairs))
    }
}

impl Expected {
    /// Whether this is what the handler heard.
    pub(super) fn is(&self, heard: &Value) -> bool {
        let payload = &heard["payload"];
        self.user == heard["user"]
            && match &self.payload {
                Payload::None => payload.is_null(),
                Payload::Json(note) => note == payload,
                Payload::Form(pairs) => {
                    // Each value is that of a pair which was left.
                    ["text", "password", "auth_token"].iter().all(|field| {
                        let is_there = |value: &str| {
                            pairs.iter().any(|(name, it)| name.contains(field) && it == value)
                        };
                        payload[field].as_str().is_none_or(is_there)
                    })
                }
            }
    }
}

/// The two spellings of a nested name.
fn is_path(name: &str, path: &[&str]) -> bool {
    match path {
        [only] => name == *only,
        [first, second] => {
            name == format!("{first}[{second}]") || name == format!("{first}.{second}")
        }
        _ => false,
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// How often a text itself says U+FFFD, encoded or not.
fn spelled_replacements(part: &str) -> usize {
    let part = part.to_ascii_lowercase();
    part.matches('\u{fffd}').count() + part.matches("%ef%bf%bd").count()
}

/// A media type without its parameters.
fn essence(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
