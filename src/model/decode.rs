//! The tree of one architecture → [`Architecture`], with every layer checked against its input.

use super::{
    architecture::{Architecture, CLASSES, DIGITS, SIDE, steps},
    layer::{Layer, Shape},
};
use crate::yaml::{
    decode::Decoder,
    near::suggest,
    node::{Node, Value},
};

/// Reads an architecture with at least one weight.
pub(crate) fn architecture(d: &mut Decoder, node: &Node) -> Option<Architecture> {
    let found = either(d, node)?;
    if found.parameter_count() > 0 {
        return Some(found);
    }
    let message = format!("{}: it has no weights to train", node.path);
    d.fault(&node.span, message, Some("add a `conv` or `linear` layer".to_owned()))
}

/// Reads `pair: [layers]`, or `each: [layers]` with `then: [layers]`.
fn either(d: &mut Decoder, node: &Node) -> Option<Architecture> {
    let fields = d.fields(node, &["pair", "each", "share", "digits", "then"])?;
    match (fields.get("pair"), fields.get("each")) {
        (Some(pair), None) => {
            for name in ["share", "digits", "then"] {
                if let Some(stray) = fields.get(name) {
                    let message = format!("{}: `{name}` belongs to `each`, not to `pair`", node.path);
                    d.fault::<()>(&stray.span, message, Some("remove it, or use `each:`".into()));
                }
            }
            let layers = layers(d, pair)?;
            ends_in(d, pair, &layers, [2, SIDE, SIDE], CLASSES)?;
            Some(Architecture::Pair(layers))
        }
        (None, Some(each)) => {
            let share = fields.get("share").map_or(Some(true), |n| d.boolean(n));
            let digit_loss = fields.get("digits").map_or(Some(None), |n| digits(d, n).map(Some));
            let layers_each = layers(d, each);
            let layers_then = d.required(&fields, "then").and_then(|n| Some((n, layers(d, n)?)));
            let (each_layers, (then_node, then)) = (layers_each?, layers_then?);
            let wanted = matches!(digit_loss, Some(Some(_))).then_some(DIGITS);
            let [c, h, w] = check(d, each, &each_layers, [1, SIDE, SIDE])?;
            if let Some(wanted) = wanted {
                scores(d, each, [c, h, w], wanted)?;
            }
            ends_in(d, then_node, &then, [2 * c, h, w], CLASSES)?;
            Some(Architecture::Each { each: each_layers, share: share?, digit_loss: digit_loss?, then })
        }
        _ if fields.has_strange() => None,
        _ => {
            let message = format!("{}: an architecture has either `pair:` or `each:`", node.path);
            let help = "`pair: [layers]` sees both images at once; `each: [layers]` with `then: [layers]` sees them one by one";
            d.fault(&node.span, message, Some(help.into()))
        }
    }
}

/// Reads `digits: {loss_weight: 1.0}`.
fn digits(d: &mut Decoder, node: &Node) -> Option<f64> {
    let fields = d.fields(node, &["loss_weight"])?;
    let weight = d.required(&fields, "loss_weight")?;
    d.number(weight, "a number from 0 to 1e6", |v| (0.0..=1e6).contains(&v))
}

fn layers(d: &mut Decoder, node: &Node) -> Option<Vec<Layer>> {
    let items = match &node.value {
        Value::List(items) if !items.is_empty() => items,
        _ => {
            let message = if matches!(node.value, Value::List(_)) {
                format!("{}: the list of layers is empty", node.path)
            } else {
                format!("{}: expected a list of layers, found {}", node.path, node.value.kind())
            };
            let help = format!("write `[flatten, {{linear: 2}}]`; layers are: {}", words().join(", "));
            return d.fault(&node.span, message, Some(help));
        }
    };
    let found: Vec<Layer> = items.iter().filter_map(|item| layer(d, item)).collect();
    (found.len() == items.len()).then_some(found)
}

fn layer(d: &mut Decoder, node: &Node) -> Option<Layer> {
    let (kind, value) = match &node.value {
        Value::Text(kind) => (kind.as_str(), None),
        Value::Map(entries) if entries.len() == 1 => (entries[0].0.name.as_str(), Some(&entries[0].1)),
        Value::Map(entries) if entries.len() > 1 && matches!(entries[0].1.value, Value::Null) => {
            let (first, second) = (&entries[0].0.name, &entries[1]);
            let message = format!("{}: `{first}` and `{}` stand side by side", node.path, second.0.name);
            let help = format!(
                "write `- {first}: {{{}: {}, …}}`, or indent what belongs to `{first}`",
                second.0.name,
                second.1.scalar()
            );
            return d.fault(&second.0.span, message, Some(help));
        }
        _ => {
            let message = format!("{}: expected one layer", node.path);
            return d.fault(&node.span, message, Some("write `- relu` or `- conv: 10`".into()));
        }
    };
    let Some(found) = Layer::KINDS.iter().find(|known| known.word == kind) else {
        return d.fault(
            &node.span,
            format!("{}: unknown layer `{kind}`", node.path),
            Some(suggest(kind, &words())),
        );
    };
    match (value, found.example) {
        (Some(value), Some(_)) => Layer::read(kind, d, value),
        (None, None) => Layer::read(kind, d, node),
        (Some(value), None) => {
            let message = format!("{}: `{kind}` has no value", node.path);
            d.fault(&value.span, message, Some(format!("write `- {kind}`")))
        }
        (None, Some(example)) => {
            let message = format!("{}: `{kind}` needs a value", node.path);
            d.fault(&node.span, message, Some(format!("write `- {kind}: {example}`")))
        }
    }
}

/// Returns the words of all layers.
fn words() -> Vec<&'static str> {
    Layer::KINDS.iter().map(|kind| kind.word).collect()
}

/// Checks that every layer fits; returns the last shape.
fn check(d: &mut Decoder, node: &Node, layers: &[Layer], input: Shape) -> Option<Shape> {
    match steps("", layers, input) {
        Ok(steps) => Some(steps.last().map_or(input, |step| step.output)),
        Err(misfit) => {
            let place = match &node.value {
                Value::List(items) => items.get(misfit.layer).unwrap_or(node),
                _ => node,
            };
            d.fault(&place.span, format!("{}: {}", place.path, misfit.message), Some(misfit.help))
        }
    }
}

fn ends_in(d: &mut Decoder, node: &Node, layers: &[Layer], input: Shape, wanted: usize) -> Option<()> {
    let shape = check(d, node, layers, input)?;
    scores(d, node, shape, wanted)
}

/// Checks that the last layer gives `wanted` scores.
fn scores(d: &mut Decoder, node: &Node, shape: Shape, wanted: usize) -> Option<()> {
    if shape == [wanted, 1, 1] {
        return Some(());
    }
    let [c, h, w] = shape;
    let what = if wanted == CLASSES { "the two classes" } else { "the ten digits" };
    let message =
        format!("{}: the last layer must give {wanted} scores, for {what}; it gives {c}×{h}×{w}", node.path);
    let last = match &node.value {
        Value::List(items) => items.last().unwrap_or(node),
        _ => node,
    };
    d.fault(&last.span, message, Some(format!("end with `- linear: {wanted}`")))
}
