//! Runs the cases in `tests/cases`: each a command of `transmog`, its input, and what it must print
//! and write.
//!
//! A case is `<area>/<name>.trycmd`. Its input files are in `<name>.in/`, its working folder. If a
//! command writes files, the folder `<name>.out/` must be there: the case then works on a copy of
//! its input, and the files named in `<name>.out/` must be there after the run. In the text, `[..]`
//! stands for anything within a line, `...` for any lines. The crate `trycmd` describes the form.
//! `TRYCMD=overwrite cargo test -p transmog-cli --test cases` writes down what the commands print
//! now: read the difference before you commit it.

#[test]
fn cases() {
    trycmd::TestCases::new().case("tests/cases/*/*.trycmd");
}
