//! A number of the paper and ours on one small scale from 0 to 100 %.

use maud::{Markup, html};

use crate::verdict::NumberVerdict;

const WIDTH: f64 = 180.0;

/// Returns the strip: where numbers of the paper are expected, the interval of ours, ours and the paper's.
pub(super) fn strip(cell: &NumberVerdict) -> Markup {
    let at = |v: f64| 2.0 + (WIDTH - 4.0) * v.clamp(0.0, 100.0) / 100.0;
    let bar = |[low, high]: [f64; 2], class: &str, top: f64, height: f64| {
        let (x, width) = (format!("{:.1}", at(low)), format!("{:.1}", (at(high) - at(low)).max(1.0)));
        html! { rect class=(class) x=(x) y=(top) width=(width) height=(height) {} }
    };
    let paper = at(cell.claim.value);
    html! {
        svg.strip viewBox={ "0 0 " (WIDTH) " 20" } width=(WIDTH) height="20" aria-hidden="true" {
            path.s-axis d=(format!("M2 10H{:.1}", WIDTH - 2.0)) {}
            @if let Some(envelope) = &cell.envelope { (bar(envelope.interval, "s-band", 3.0, 14.0)) }
            @if let Some(interval) = cell.interval { (bar(interval, "s-ours", 8.0, 4.0)) }
            @if let Some(ours) = cell.ours { circle.s-ours cx=(format!("{:.1}", at(ours))) cy="10" r="4" {} }
            path.s-paper d=(format!("M{paper:.1} 1V19")) {}
        }
    }
}

/// Returns the key to the strips.
pub(super) fn key() -> Markup {
    let mark = |marks: &Markup, name: &str| {
        html! {
            li { svg viewBox="0 0 24 20" width="24" height="20" aria-hidden="true" { (marks) } " " (name) }
            "\n"
        }
    };
    let paper = html! { path.s-paper d="M12 1V19" {} };
    let ours = html! {
        rect.s-ours x="2" y="8" width="20" height="4" {}
        circle.s-ours cx="12" cy="10" r="4" {}
    };
    let band = html! { rect.s-band x="2" y="3" width="20" height="14" {} };
    html! {
        ul.key aria-label="Marks of the strips" {
            "\n"
            (mark(&paper, "the paper's number"))
            (mark(&ours, "ours, with its 95 % interval"))
            (mark(&band, "where the paper's number is expected, if its rounds are like ours"))
        }
        "\n"
    }
}
