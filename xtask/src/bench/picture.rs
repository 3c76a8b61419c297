//! The figures as a picture: a bar of megabytes in a second for each program, and for each shape.

use transmog_shapes::Shape;

use super::{case::Case, figures::Figures};

const WIDTH: usize = 760;
const LABELS: usize = 150;
const BAR: usize = 22;
const STEP: usize = 30;
const HEAD: usize = 46;
const MARGIN: usize = 24;
/// For the number behind the longest bar.
const NUMBER: usize = 110;

const OURS: &str = "#1f6f5c";
const THEIRS: &str = "#b9bfc6";

/// Bars that share a scale.
struct Group {
    title: String,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    speed: f64,
    is_ours: bool,
}

/// A picture of the figures.
pub(crate) fn svg(figures: &[Figures]) -> String {
    let groups = groups(figures);
    let bars: usize = groups.iter().map(|group| group.bars.len()).sum();
    let height = MARGIN * 2 + groups.len() * HEAD + bars * STEP;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14">
<title>Megabytes of input in a second</title>
<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>
"##
    );
    let mut y = MARGIN;
    for group in groups {
        y = group.draw(y, &mut svg);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Our command and others with `events` to Parquet, which all can do, and our command with each
/// shape.
fn groups(figures: &[Figures]) -> Vec<Group> {
    let mut groups = Vec::new();
    let ours = || figures.iter().filter(|f| f.is_ours());
    let size = |case: &Case| (case.format == "parquet", case.mb, case.threads);
    let with_peers = ours().map(|ours| &ours.case).filter(|case| {
        let mut others = figures.iter().filter(|f| !f.is_ours());
        case.shape == Shape::Events && others.any(|other| other.case == **case)
    });
    if let Some(most) = with_peers.max_by_key(|case| size(case)) {
        let same = figures.iter().filter(|f| f.case == *most);
        let mut bars: Vec<Bar> = same.map(|f| Bar::new(f.tool.clone(), f)).collect();
        bars.sort_by(|a, b| b.speed.total_cmp(&a.speed));
        let title = format!(
            "{} MB of {} to {}, {} threads: MB/s",
            most.mb, most.shape, most.format, most.threads
        );
        groups.push(Group { title, bars });
    }
    if let Some(most) = ours().map(|f| &f.case).max_by_key(|case| size(case)) {
        let same = ours().filter(|f| {
            let shape = f.case.shape;
            f.case
                == Case {
                    shape,
                    ..most.clone()
                }
        });
        let bars = same
            .map(|f| Bar::new(f.case.shape.to_string(), f))
            .collect();
        let title = format!(
            "transmog: {} MB of each shape to {}, {} threads: MB/s",
            most.mb, most.format, most.threads
        );
        groups.push(Group { title, bars });
    }
    groups
}

impl Bar {
    fn new(label: String, figures: &Figures) -> Self {
        Self {
            label,
            speed: figures.speed(),
            is_ours: figures.is_ours(),
        }
    }
}

impl Group {
    /// Draws it from a height on; gives the height below it.
    fn draw(&self, top: usize, svg: &mut String) -> usize {
        let title = escaped(&self.title);
        let baseline = top + 18;
        svg.extend([format!(
            "<text x=\"{MARGIN}\" y=\"{baseline}\" font-weight=\"600\" fill=\"#1b1f24\">{title}</text>\n"
        )]);
        let most = self.bars.iter().map(|bar| bar.speed).fold(0.0, f64::max);
        let room = (WIDTH - MARGIN - LABELS - NUMBER) as f64;
        let mut y = top + HEAD - 12;
        for bar in &self.bars {
            let share = if most > 0.0 { bar.speed / most } else { 0.0 };
            let width = (room * share).max(2.0);
            let (colour, weight) = if bar.is_ours {
                (OURS, 600)
            } else {
                (THEIRS, 400)
            };
            let label = escaped(&bar.label);
            let (right, left, text) = (MARGIN + LABELS - 10, MARGIN + LABELS, y + 16);
            let behind = left as f64 + width + 8.0;
            svg.extend([format!(
                "<text x=\"{right}\" y=\"{text}\" text-anchor=\"end\" font-weight=\"{weight}\" fill=\"#1b1f24\">{label}</text>\n\
                 <rect x=\"{left}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\" fill=\"{colour}\"/>\n\
                 <text x=\"{behind:.1}\" y=\"{text}\" fill=\"#57606a\">{speed:.0}</text>\n",
                speed = bar.speed,
            )]);
            y += STEP;
        }
        y + 12
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{super::figures::tests::example, *};

    /// The number in an attribute of each line that holds a text.
    fn numbers(svg: &str, with: &str, name: &str) -> Vec<f64> {
        let lines = svg.lines().filter(|line| line.contains(with));
        let value = |line: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        lines.map(value).collect()
    }

    #[test]
    fn bars_are_as_long_as_the_speeds_and_the_fastest_is_first() {
        let mut flat = example("transmog", 0.25);
        flat.case.shape = Shape::Flat;
        let figures = [
            example("duck & co", 2.0),
            example("transmog", 0.5),
            example("dlt", 20.0),
            flat,
        ];
        let svg = svg(&figures);
        let bars = numbers(&svg, "rx=\"3\"", "width");
        let expected = [476.0, 119.0, 11.9, 238.0, 476.0];
        assert_eq!(bars, expected);
        assert_eq!(numbers(&svg, OURS, "y").len(), 3);
        assert!(svg.contains(">duck &amp; co<"), "{svg}");
    }

    #[test]
    fn other_programs_are_shown_with_events_to_parquet() {
        let mut figures = Vec::new();
        for (shape, format) in [
            (Shape::Events, "parquet"),
            (Shape::Events, "csv"),
            (Shape::Flat, "parquet"),
            (Shape::Flat, "csv"),
        ] {
            for tool in ["transmog", "duckdb"] {
                let mut f = example(tool, 1.0);
                (f.case.shape, f.case.format) = (shape, format.to_owned());
                figures.push(f);
            }
        }
        let svg = svg(&figures);
        assert!(svg.contains(">200 MB of events to parquet, 2"), "{svg}");
        assert!(svg.contains("each shape to parquet"), "{svg}");
        assert_eq!(svg.matches(">duckdb<").count(), 1);
        assert_eq!(numbers(&svg, "rx=\"3\"", "width").len(), 2 + 2);
    }

    #[test]
    fn everything_is_within_the_picture() {
        let svg = svg(&[example("transmog", 0.5), example("duckdb", 0.1)]);
        let height = numbers(&svg, "<svg", "height")[0];
        let lowest = numbers(&svg, "rx=\"3\"", "y")
            .into_iter()
            .fold(0.0, f64::max);
        assert!(lowest + (BAR as f64) < height);
        assert!(
            numbers(&svg, "<text", "x")
                .iter()
                .all(|x| *x < WIDTH as f64 - 20.0)
        );
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn nothing_measured_is_an_empty_picture() {
        assert!(svg(&[]).ends_with("</svg>\n"));
    }
}
