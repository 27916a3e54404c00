//! Reads pages as a browser would, as far as tests need it.

use std::collections::BTreeSet;

/// A tag: its name, with `/` in front if it closes, and its attributes.
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Text before the tag, unescaped.
    pub(crate) before: String,
}

/// Splits a page into its tags; what stands in scripts and styles is no markup.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let before = unescaped(&rest[..at]);
        rest = &rest[at + 1..];
        let (tag, length) = tag(rest);
        rest = &rest[length..];
        let raw = ["script", "style"].contains(&tag.0.as_str());
        let end = format!("</{}>", tag.0);
        found.push(Tag { name: tag.0, attributes: tag.1, before });
        if raw {
            rest = &rest[rest.find(&end).unwrap_or_else(|| panic!("no {end}"))..];
        }
    }
    found
}

/// Reads a tag after its `<`; returns it and its length with the `>`.
fn tag(text: &str) -> ((String, Vec<(String, String)>), usize) {
    let mut chars = text.char_indices().peekable();
    let mut word = |stop: &[char]| {
        let mut out = String::new();
        while let Some((_, c)) = chars.next_if(|(_, c)| !stop.contains(c)) {
            out.push(c);
        }
        (out, chars.next().unwrap_or_else(|| panic!("a tag never ends: {}", &text[..40.min(text.len())])))
    };
    let (name, mut end) = word(&[' ', '>', '\n']);
    let mut attributes = Vec::new();
    while end.1 != '>' {
        let (key, after) = word(&['=', ' ', '>', '\n']);
        end = after;
        if end.1 == '=' {
            let quote = word(&['"']);
            assert_eq!(quote.0, "", "an attribute without quotes in {name}");
            let (value, _) = word(&['"']);
            attributes.push((key, unescaped(&value)));
            end = word(&[' ', '>', '\n']).1;
        } else if !key.is_empty() && key != "/" {
            attributes.push((key, String::new()));
        }
    }
    ((name, attributes), end.0 + 1)
}

fn unescaped(text: &str) -> String {
    let known =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#10;", "\n"), ("&amp;", "&")];
    for (at, _) in text.match_indices('&') {
        assert!(known.iter().any(|(entity, _)| text[at..].starts_with(entity)), "& in {text}");
    }
    known.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Returns the texts of a table's cells, row by row; the heading first.
pub(crate) fn rows(html: &str, id: &str) -> Vec<Vec<String>> {
    let (mut rows, mut inside): (Vec<Vec<String>>, bool) = (Vec::new(), false);
    let mut open: Option<String> = None;
    for tag in tags(html) {
        if let Some(text) = &mut open {
            *text += &tag.before;
        }
        match tag.name.as_str() {
            "table" => inside = tag.attributes.iter().any(|(key, value)| key == "id" && value == id),
            "/table" => inside = false,
            "tr" if inside => rows.push(Vec::new()),
            "th" | "td" if inside => open = Some(String::new()),
            "/th" | "/td" if inside => rows.last_mut().unwrap().extend(open.take()),
            _ => {}
        }
    }
    assert!(!rows.is_empty(), "there is no table {id}");
    rows
}

/// Returns what the page's data element holds.
pub(crate) fn data(html: &str) -> serde_json::Value {
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// Checks that a page has only elements and attributes of its own, closed where they must be, with ids that are unique.
pub(crate) fn check(what: &str, html: &str) {
    const VOID: [&str; 2] = ["meta", "input"];
    const ELEMENTS: &str = "!DOCTYPE a aside body button caption circle code dd details div dl dt figcaption figure footer form \
                            h1 h2 h3 head header html input label li line main meta nav noscript ol option output p path polygon polyline pre rect \
                            script section select span strong style summary svg table tbody td text th thead title tr ul g desc defs";
    let known: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let (mut open, mut ids) = (Vec::new(), BTreeSet::new());
    for tag in tags(html) {
        let name = tag.name.trim_start_matches('/').trim_end_matches('/');
        assert!(known.contains(name), "{what}: <{name}>");
        for (key, value) in &tag.attributes {
            assert!(
                !key.starts_with("on") && key.chars().all(|c| c.is_ascii_alphanumeric() || "-:".contains(c)),
                "{what}: {key}"
            );
            // Within the page, to a file beside it, or to the paper's address.
            let plain =
                |link: &str| link.chars().all(|c| c.is_ascii_alphanumeric() || "#&=-_.~/%".contains(c));
            let good = |link: &str| plain(link.strip_prefix("https://").unwrap_or(link));
            assert!(key != "href" || good(value), "{what}: a link to {value}");
            assert!(key != "src", "{what}: {name} loads {value}");
            assert!(key != "id" || ids.insert(value.clone()), "{what}: two things have the id {value}");
        }
        let closed = tag.attributes.is_empty() && tag.name.ends_with('/');
        if let Some(closing) = tag.name.strip_prefix('/').filter(|closing| !is_shape(closing)) {
            assert_eq!(open.pop().as_deref(), Some(closing), "{what}");
        } else if !VOID.contains(&name)
            && name != "!DOCTYPE"
            && !closed
            && !is_shape(name)
            && !tag.name.starts_with('/')
        {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{what}: {open:?} stay open");
    assert_eq!(html.matches("<script").count(), 2, "{what}");
}

/// Says whether an element of a drawing holds nothing; its end may be left out.
fn is_shape(name: &str) -> bool {
    ["circle", "line", "path", "polygon", "polyline", "rect"].contains(&name)
}
