//! The figures as a table: for the terminal, and as Markdown for README.

use super::{figures::Figures, memory::Peak, peers};

const HEAD: [&str; 17] = [
    "shape", "MB", "format", "ids", "threads", "program", "seconds", "MB/s", "rows/s", "CPU s",
    "cores", "peak MiB", "out MB", "tables", "rows", "time", "of limit",
];

/// What the columns mean that do not explain themselves.
const LEGEND: &str = "\
seconds: median; cores: CPU seconds by seconds; time: of transmog's, for the same; of limit: the share of the speed at which
parsing alone and encoding alone would run one after the other, shared by the cores";

/// Columns of the table in README, by their place in the one for the terminal.
const SHORT: [usize; 12] = [0, 1, 2, 4, 5, 6, 7, 9, 11, 12, 15, 16];

/// For the terminal, with what is different about the peers.
pub(crate) fn text(figures: &[Figures]) -> String {
    let rows = rows(figures);
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| {
            if is_text(column) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        let line: Vec<String> = cells.collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text.push_str(LEGEND);
    text.push('\n');
    for (name, note) in notes(figures) {
        text.extend([name, ": ", note, "\n"]);
    }
    text
}

/// For README: fewer columns.
pub(crate) fn markdown(figures: &[Figures]) -> String {
    let mut text = String::new();
    for (number, row) in rows(figures).iter().enumerate() {
        for column in SHORT {
            text.push_str("| ");
            text.push_str(&row[column]);
            text.push(' ');
        }
        text.push_str("|\n");
        if number == 0 {
            for column in SHORT {
                text.push_str(if is_text(column) { "|---" } else { "|--:" });
            }
            text.push_str("|\n");
        }
    }
    for (name, note) in notes(figures) {
        text.extend(["\n`", name, "`: ", note, ".\n"]);
    }
    text
}

/// Peak memory, a line for each shape and mode and a column for each size.
pub(crate) fn memory(peaks: &[Peak]) -> String {
    let mut text = "peak memory in MiB\n".to_owned();
    let mut last = None;
    for peak in peaks {
        let line = (&peak.shape, &peak.mode);
        if last != Some(line) {
            let begin = if last.is_some() { "\n" } else { "" };
            let name = format!("{}, {}", peak.shape, peak.mode);
            text.extend([format!("{begin}{name:<24}")]);
            last = Some(line);
        }
        text.extend([format!("  {:>6} MB: {:>6.1}", peak.mb, peak.mib)]);
    }
    text.push('\n');
    text
}

fn is_text(column: usize) -> bool {
    matches!(HEAD[column], "shape" | "format" | "ids" | "program")
}

fn notes(figures: &[Figures]) -> impl Iterator<Item = (&'static str, &'static str)> {
    let peers = peers::ALL.iter();
    let there = peers.filter(|peer| figures.iter().any(|f| f.tool == peer.name));
    there.map(|peer| (peer.name, peer.note))
}

fn rows(figures: &[Figures]) -> Vec<[String; HEAD.len()]> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for f in figures {
        let ours = figures
            .iter()
            .find(|other| other.is_ours() && other.is_of_same_case(f));
        let time = ours.filter(|_| !f.is_ours()).map(|ours| f.wall / ours.wall);
        let counted = |number: f64, f: &Figures| {
            if f.tables > 0 {
                grouped(number)
            } else {
                String::new()
            }
        };
        rows.push([
            f.shape.clone(),
            f.mb.to_string(),
            f.format.clone(),
            f.ids.clone(),
            f.threads.to_string(),
            f.tool.clone(),
            format!("{:.2}", f.wall),
            format!("{:.1}", f.speed()),
            counted(f.rows_per_second(), f),
            format!("{:.2}", f.cpu),
            format!("{:.2}", f.cores()),
            format!("{:.0}", f.peak_mib),
            format!("{:.1}", f.output_bytes as f64 / 1e6),
            counted(f.tables as f64, f),
            counted(f.rows as f64, f),
            time.map(|ratio| format!("{ratio:.2}x")).unwrap_or_default(),
            f.efficiency()
                .map(|share| format!("{:.0} %", share * 100.0))
                .unwrap_or_default(),
        ]);
    }
    rows
}

/// A whole number with commas between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::figures::tests::example, *};

    #[test]
    fn columns_stand_below_each_other_and_ratios_are_to_ours() {
        let text = text(&[example("transmog", 0.5), example("duckdb", 2.25)]);
        let lines: Vec<&str> = text.lines().collect();
        for (line, cells) in [
            (
                1,
                "events 200 parquet row 2 transmog 0.50 400.0 600,000 0.75 1.50 80 60.0 4 300,000 100 %",
            ),
            (
                2,
                "events 200 parquet row 2 duckdb 2.25 88.9 133,333 3.38 1.50 80 60.0 4 300,000 4.50x",
            ),
        ] {
            let found: Vec<&str> = lines[line].split_whitespace().collect();
            assert_eq!(found.join(" "), cells);
        }
        // The ends of the numbers are in one column.
        let end = |line: usize, word: &str| lines[line].find(word).map(|at| at + word.len());
        assert_eq!(end(0, "MB/s"), end(1, "400.0"));
        assert_eq!(end(0, "MB/s"), end(2, "88.9"));
        assert!(text.contains("\nduckdb: a SELECT for each table"), "{text}");
        assert!(!text.contains("polars"), "{text}");
    }

    #[test]
    fn markdown_has_as_many_cells_in_every_line() {
        let text = markdown(&[example("transmog", 0.5), example("dlt", 2.25)]);
        let lines: Vec<&str> = text.lines().take(4).collect();
        for line in &lines {
            assert_eq!(line.matches('|').count(), SHORT.len() + 1, "{line}");
        }
        assert_eq!(
            lines[3],
            "| events | 200 | parquet | 2 | dlt | 2.25 | 88.9 | 3.38 | 80 | 60.0 | 4.50x |  |"
        );
        assert!(text.contains("`dlt`: automatic"), "{text}");
    }

    #[test]
    fn thousands() {
        for (number, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (1000.0, "1,000"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
