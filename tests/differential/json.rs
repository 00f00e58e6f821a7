//! JSON texts, as whoever signs a token may write them: nothing is normalized, so that a member can be
//! there twice and a number have any digits.

use proptest::prelude::*;

/// Any JSON value, and some texts that are almost one.
pub(super) fn value() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        2 => prop::sample::select(vec!["null", "true", "false", "0", "-0", "1.0", "{}", "[]", "\"\""])
            .prop_map(str::to_owned),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,3})?",
        4 => text(),
        1 => nested(),
        1 => Just(r#"{"a":1,"a":2}"#.to_owned()),
        1 => Just(r#"[{"b":{"c":1,"\u0063":1}}]"#.to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((text(), inner), 0..4).prop_map(object),
        ]
    })
    .boxed()
}

/// A value that is one without doubt, and no member of it is there twice.
pub(super) fn plain_value() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has none of the others", |number| number.is_finite())
            .prop_map(|number| serde_json::Value::from(number).to_string()),
        any::<String>().prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map("[a-zé]{0,3}", inner, 0..3).prop_map(|members| {
                object(members.into_iter().map(|(name, value)| (quoted(&name), value)).collect())
            }),
        ]
    })
    .boxed()
}

/// A string: as it stands, or all of it in escapes, lone surrogates among them.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => any::<String>().prop_map(|text| quoted(&text)),
        2 => "[a-c]{1,2}".prop_map(|text| quoted(&text)),
        1 => prop::collection::vec(any::<u16>(), 0..4).prop_map(|units| escaped(&units)),
        1 => "\\PC{0,6}".prop_map(|text| escaped(&text.encode_utf16().collect::<Vec<_>>())),
    ]
    .boxed()
}

/// Around the depth at which JSON parsers give up, and far beyond it.
fn nested() -> BoxedStrategy<String> {
    (prop_oneof![120_usize..=130, Just(1_000)], any::<bool>())
        .prop_map(|(depth, of_objects)| match of_objects {
            true => format!("{}1{}", r#"{"x":"#.repeat(depth), "}".repeat(depth)),
            false => format!("{}1{}", "[".repeat(depth), "]".repeat(depth)),
        })
        .boxed()
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `text` in escapes alone.
pub(super) fn in_escapes(text: &str) -> String {
    escaped(&text.encode_utf16().collect::<Vec<_>>())
}

fn escaped(units: &[u16]) -> String {
    let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{escapes}\"")
}

fn object(members: Vec<(String, String)>) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{{}}}", members.join(","))
}
