//! Tables: one model, [`Table`], and a file for each form of it.

mod csv;
mod html;
mod latex;
mod markdown;
mod model;
mod printed;
mod terminal;

pub(super) use csv::{inert as csv_words, line as csv_line};
pub(super) use html::{
    badge, badge_link, cell as html_cell, cell_of as html_cell_of, framed, head as html_head, meaning,
    table as html, word_id,
};
pub(super) use latex::escape as latex_escape;
pub(super) use markdown::{body as markdown_body, escape as markdown_escape};
pub use model::{Cell, Column, NONE, Table, numbers, words};
pub(super) use printed::statistics;
pub use printed::{build, reading_label};
pub(super) use terminal::body as terminal_body;
pub use terminal::tone;
