//! Is something slower than in a run that was kept? Seconds of two days cannot be compared, but
//! parsing runs beside every case, and how many times its seconds a case takes can.

use std::fmt::Write as _;

use anyhow::ensure;

use super::figures::Figures;

/// How much worse a ratio may be.
const TOLERANCE: f64 = 0.15;

/// Says how each case compares; an error if one is slower, or if there is none to compare.
pub(crate) fn compare(kept: &[Figures], now: &[Figures]) -> anyhow::Result<String> {
    let mut text = "times the seconds of parsing alone, then and now\n".to_owned();
    let mut slower = Vec::new();
    let mut compared = 0;
    for new in now.iter().filter(|figures| figures.is_ours()) {
        let case = &new.case;
        let mut kept = kept.iter();
        let old = kept.find(|old| old.is_ours() && old.case == *case);
        let Some(old) = old else {
            writeln!(text, "{case}: not in the kept run")?;
            continue;
        };
        compared += 1;
        let (then, now) = (old.wall / old.parse, new.wall / new.parse);
        let change = (now / then - 1.0) * 100.0;
        writeln!(text, "{case}: {then:.2}, {now:.2}: {change:+.0} %")?;
        if now > then * (1.0 + TOLERANCE) {
            slower.push(format!("{case}: {change:+.0} %"));
        }
    }
    ensure!(
        compared > 0,
        "{text}nothing in the kept run is the same case"
    );
    ensure!(
        slower.is_empty(),
        "{text}slower than the kept run:\n{}",
        slower.join("\n")
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{super::figures::tests::example, *};

    #[test]
    fn a_slow_machine_is_no_slower_program() {
        let kept = [example("transmog", 1.0), example("duckdb", 1.0)];
        let mut now = example("transmog", 3.3);
        now.parse = 0.75;
        let text = compare(&kept, &[now.clone()]).unwrap();
        assert!(text.contains("4.00, 4.40: +10 %"), "{text}");
        now.wall = 3.6;
        let error = compare(&kept, &[now]).unwrap_err().to_string();
        assert!(error.ends_with("2 threads: +20 %"), "{error}");
    }

    #[test]
    fn only_the_same_case_of_ours_counts() {
        let kept = [example("transmog", 1.0)];
        let mut other = example("transmog", 9.0);
        other.case.mb = 20;
        assert!(compare(&kept, &[other.clone(), example("duckdb", 9.0)]).is_err());
        let text = compare(&kept, &[other, example("transmog", 1.1)]).unwrap();
        assert!(
            text.contains("20 MB, to parquet, row ids, 2 threads: not in"),
            "{text}"
        );
    }
}
