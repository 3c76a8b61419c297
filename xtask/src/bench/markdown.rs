//! The figures as a table in Markdown, for README: a line for each case, and a column for each
//! other program.

use super::{
    figures::{Figures, Results},
    peers,
    table::{self, HEAD, is_text},
};

/// Columns of the terminal's table that this one has too: what the case is, and what our command
/// took.
const CASE: [&str; 2] = ["shape", "format"];
const OURS: [&str; 7] = [
    "seconds", "MB/s", "rows/s", "CPU s", "peak MiB", "out MB", "of limit",
];

/// These are said once below the table if all lines have the same, with the words behind them.
const ONCE: [(&str, &str); 3] = [("MB", "MB each"), ("ids", "ids"), ("threads", "threads")];

/// The table, what all its lines have in common, and what is different about the other programs.
pub(crate) fn table(results: &Results) -> String {
    let rows = table::rows(&results.figures);
    let ours = || {
        let figures = results.figures.iter().zip(&rows[1..]);
        figures.filter(|(figures, _)| figures.is_ours())
    };
    let (mut columns, mut same) = (CASE.to_vec(), Vec::new());
    for (name, words) in ONCE {
        let mut values = ours().map(|(_, row)| cell(row, name));
        match values.next() {
            Some(first) if values.all(|value| value == first) => {
                same.push(format!("{first} {words}"));
            }
            _ => columns.push(name),
        }
    }
    columns.extend(OURS);
    let peers = peers::ALL.iter().map(|peer| peer.name);
    let peers: Vec<&str> = peers.filter(|name| results.names(name)).collect();

    let mut text = String::new();
    let mut line = |cells: Vec<&str>| text.extend(["| ", &cells.join(" | "), " |\n"]);
    line([&columns[..], &peers].concat());
    let sides = columns.iter().map(|name| is_text(name));
    let sides = sides.chain(peers.iter().map(|_| false));
    line(
        sides
            .map(|is_text| if is_text { "---" } else { "--:" })
            .collect(),
    );
    for (figures, row) in ours() {
        let cells = columns.iter().map(|name| cell(row, name));
        let times = peers.iter().map(|peer| time(results, &rows, figures, peer));
        line(cells.chain(times).collect());
    }
    text.extend(["\n", &same.join(", "), "."]);
    if !peers.is_empty() {
        text.push_str(
            " Below the name of another program: how many times as long it took for the same; nothing if it was not asked.",
        );
    }
    text.push('\n');
    for (name, note) in table::notes(results) {
        text.extend(["\n`", name, "`: ", note, ".\n"]);
    }
    text
}

/// How many times as long a peer took as we did.
fn time<'a>(
    results: &Results,
    rows: &'a [[String; HEAD.len()]],
    ours: &Figures,
    peer: &str,
) -> &'a str {
    let mut figures = results.figures.iter().zip(&rows[1..]);
    let mut failures = results.failures.iter();
    if let Some((_, row)) = figures.find(|(f, _)| f.tool == peer && f.case == ours.case) {
        cell(row, "time")
    } else if failures.any(|failure| failure.tool == peer && failure.case == ours.case) {
        "fails"
    } else {
        ""
    }
}

fn cell<'a>(row: &'a [String], name: &str) -> &'a str {
    let mut cells = HEAD.iter().zip(row);
    let cell = cells.find(|(head, _)| **head == name);
    cell.map_or("", |(_, cell)| cell)
}

#[cfg(test)]
mod tests {
    use transmog_shapes::Shape;

    use super::{
        super::figures::tests::{example, failed},
        *,
    };

    /// Two shapes; of the peers one took part in both, one failed, and one was asked for the first
    /// only.
    fn results() -> Results {
        let mut figures = vec![
            example("transmog", 0.5),
            example("dlt", 20.0),
            example("duckdb", 2.25),
            example("transmog", 1.0),
            example("duckdb", 2.0),
        ];
        let mut failure = failed("polars");
        failure.case.shape = Shape::Drift;
        for figures in &mut figures[3..] {
            figures.case.shape = Shape::Drift;
        }
        Results {
            figures,
            failures: vec![failure],
        }
    }

    #[test]
    fn a_line_is_a_case_and_peers_are_columns() {
        let text = table(&results());
        let lines: Vec<&str> = text.lines().collect();
        let expected = [
            "| shape | format | seconds | MB/s | rows/s | CPU s | peak MiB | out MB | of limit | duckdb | polars | dlt |",
            "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
            "| events | parquet | 0.50 | 400.0 | 600,000 | 0.75 | 80 | 60.0 | 100 % | 4.50x |  | 40.00x |",
            "| drift | parquet | 1.00 | 200.0 | 300,000 | 1.50 | 80 | 60.0 | 50 % | 2.00x | fails |  |",
            "",
        ];
        assert_eq!(lines[..5], expected);
        assert!(
            lines[5].starts_with("200 MB each, row ids, 2 threads. "),
            "{text}"
        );
        assert!(text.contains("\n`dlt`: automatic"), "{text}");
        assert!(text.contains("\n`polars`: "), "{text}");
        assert!(!text.contains("flatterer"), "{text}");
    }

    #[test]
    fn what_is_not_the_same_everywhere_is_a_column() {
        let mut results = results();
        results.figures[3].case.threads = 1;
        let text = table(&results);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("| shape | format | threads | seconds |"),
            "{text}"
        );
        assert!(
            lines[2].starts_with("| events | parquet | 2 | 0.50 |"),
            "{text}"
        );
        // Nobody else did that with one thread.
        assert!(
            lines[3].starts_with("| drift | parquet | 1 | 1.00 |"),
            "{text}"
        );
        assert!(lines[3].ends_with("| 50 % |  |  |  |"), "{text}");
        assert!(lines[5].starts_with("200 MB each, row ids. "), "{text}");
    }

    #[test]
    fn a_run_without_peers_says_nothing_of_them() {
        let results = Results {
            figures: vec![example("transmog", 0.5)],
            failures: Vec::new(),
        };
        assert!(table(&results).ends_with("| 100 % |\n\n200 MB each, row ids, 2 threads.\n"));
    }
}
