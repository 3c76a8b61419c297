//! The figures as a table for the terminal: a line for each program.

use super::{
    figures::{Figures, Results},
    memory::Peak,
    peers,
};

/// What the columns are called.
pub(crate) const HEAD: [&str; 17] = [
    "shape", "MB", "format", "ids", "threads", "program", "seconds", "MB/s", "rows/s", "CPU s",
    "cores", "peak MiB", "out MB", "tables", "rows", "time", "of limit",
];

/// What the columns mean that do not explain themselves.
const LEGEND: &str = "\
seconds: median; cores: CPU seconds by seconds; time: of transmog's, for the same; of limit: the share of the speed at which
parsing alone and encoding alone would run one after the other, shared by the cores";

/// For the terminal, with what is different about the peers.
pub(crate) fn text(results: &Results) -> String {
    let rows = rows(&results.figures);
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| {
            if is_text(HEAD[column]) {
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
    for failure in &results.failures {
        let (case, tool, why) = (&failure.case, &failure.tool, &failure.why);
        text.extend([format!("{tool} fails with {case}: {why}\n")]);
    }
    for (name, note) in notes(results) {
        text.extend([name, ": ", note, "\n"]);
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

pub(crate) fn is_text(column: &str) -> bool {
    matches!(column, "shape" | "format" | "ids" | "program")
}

/// The peers that were asked, with what is different about them.
pub(crate) fn notes(results: &Results) -> impl Iterator<Item = (&'static str, &'static str)> {
    let there = peers::ALL.iter().filter(|peer| results.names(peer.name));
    there.map(|peer| (peer.name, peer.note))
}

/// A line of cells for each program in each case, below one of the names of the columns.
pub(crate) fn rows(figures: &[Figures]) -> Vec<[String; HEAD.len()]> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for f in figures {
        let case = &f.case;
        let mut all = figures.iter();
        let ours = all.find(|other| other.is_ours() && other.case == *case);
        let time = ours.filter(|_| !f.is_ours()).map(|ours| f.wall / ours.wall);
        let counted = |number: f64, f: &Figures| {
            if f.tables > 0 {
                grouped(number)
            } else {
                String::new()
            }
        };
        rows.push([
            case.shape.to_string(),
            case.mb.to_string(),
            case.format.clone(),
            case.ids.clone(),
            case.threads.to_string(),
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
    use super::{
        super::figures::tests::{example, failed},
        *,
    };

    #[test]
    fn columns_stand_below_each_other_and_ratios_are_to_ours() {
        let text = text(&Results {
            figures: vec![example("transmog", 0.5), example("duckdb", 2.25)],
            failures: vec![failed("datafusion")],
        });
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
        let failure = "\ndatafusion fails with events, 200 MB, to parquet, row ids, 2 threads: Error: no such";
        assert!(text.contains(failure), "{text}");
        assert!(!text.contains("polars"), "{text}");
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
