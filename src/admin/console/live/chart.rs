//! Small line charts as SVG, drawn here: no library, no script, no style in the page.

use std::fmt::Write as _;

use maud::{Markup, html};

/// The drawing's own units.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 64.0;

/// One line of a chart.
pub(super) struct Line<'l> {
    /// What it shows, in the key.
    pub(super) name: &'static str,
    /// Its class, which gives it colour and dashes.
    pub(super) class: &'static str,
    /// The values, oldest first; where there is none the line is broken.
    pub(super) values: &'l [Option<f64>],
    /// The newest value, in words.
    pub(super) now: String,
}

/// A chart of some lines over the same time, with a key that says the newest values. `title` and `most` are words.
pub(super) fn chart(title: &str, lines: &[Line<'_>], most: impl Fn(f64) -> String) -> Markup {
    let all = lines.iter().flat_map(|line| line.values).flatten();
    let top = all.copied().fold(0.0, f64::max);
    html! {
        figure.chart {
            figcaption { (title) }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                line.base x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
                @for line in lines {
                    path class=(line.class) d=(path(line.values, top)) vector-effect="non-scaling-stroke" {}
                }
            }
            ul.key {
                @for line in lines {
                    li { span.(line.class) aria-hidden="true" {} (line.name) " " strong { (line.now) } }
                }
                li.top { "top " (most(top)) }
            }
        }
    }
}

/// The commands of a path through the values, from the left edge to the right.
#[expect(clippy::cast_precision_loss, reason = "there are some hundred values")]
fn path(values: &[Option<f64>], top: f64) -> String {
    let step = WIDTH / values.len().saturating_sub(1).max(1) as f64;
    let mut commands = String::new();
    let mut down = false;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else {
            down = false;
            continue;
        };
        let height = if top > 0.0 { value / top } else { 0.0 };
        let (x, y) = (step * index as f64, HEIGHT - 2.0 - height * (HEIGHT - 4.0));
        let command = if down { 'L' } else { 'M' };
        // Writing into a text cannot fail.
        let _ = write!(commands, "{command}{x:.1} {y:.1}");
        down = true;
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_edge_to_edge_and_is_broken_where_there_is_nothing() {
        let values = [Some(0.0), Some(10.0), None, Some(5.0), Some(5.0)];
        assert_eq!(
            path(&values, 10.0),
            "M0.0 62.0L75.0 2.0M225.0 32.0L300.0 32.0"
        );
        assert_eq!(path(&[], 0.0), "");
        assert_eq!(path(&[Some(0.0)], 0.0), "M0.0 62.0");
    }
}
