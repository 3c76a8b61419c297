//! Which cells are null and which are booleans: by default, by the caller's words, by those of the
//! Python package, and in quotes.

use transmog::{Cast, Config, CsvReadOptions, Input, InputFormat, Processor, Words};

use super::{check, check_with, columns, options, processor, read_with};
use crate::support::plain;

fn python() -> Processor {
    processor(options()).with_config(plain().with_words(Words::Python))
}

#[test]
fn countries_stay_what_they_are() {
    check(
        "country,code\nNorway,NO\nNamibia,NA\nNowhere,NULL\nNone,\n",
        &[
            r#"{"country":"Norway","code":"NO"}"#,
            r#"{"country":"Namibia","code":"NA"}"#,
            r#"{"country":"Nowhere","code":"NULL"}"#,
            r#"{"country":"None"}"#,
        ],
    );
    // Also where nothing else is in the column.
    check(
        "a,b\nNO,NA\nno,n/a\n",
        &[r#"{"a":"NO","b":"NA"}"#, r#"{"a":"no","b":"n/a"}"#],
    );
    check("a,b\nyes,\nNO,\n", &[r#"{"a":"yes"}"#, r#"{"a":"NO"}"#]);
    // A column with such a cell is text, with all cells as written.
    check(
        "a,b\n1.50,TRUE\nNA,no\n",
        &[r#"{"a":"1.50","b":"TRUE"}"#, r#"{"a":"NA","b":"no"}"#],
    );
    check(
        "a\nTRUE\nfalse\nFaLsE\n",
        &["{\"a\":true}", "{\"a\":false}", "{\"a\":false}"],
    );
}

#[test]
fn null_values_are_the_callers_and_the_empty_cell() {
    let nulls = |values: &[&str]| options().with_null_values(values.iter().copied());
    let (report, rows) = read_with(
        &processor(nulls(&["NA", "-"])),
        b"a,b\n1,\n2,3\n-,NA\nNULL,4\n",
    )
    .expect("valid");
    assert_eq!(
        rows,
        "{\"a\":\"1\"}\n{\"a\":\"2\",\"b\":3}\n{}\n{\"a\":\"NULL\",\"b\":4}\n"
    );
    let types = [("a", "text".to_owned()), ("b", "int64".to_owned())];
    assert_eq!(columns(&report), types);
    // None at all, the empty cell neither.
    check_with(nulls(&[]), "a,b\n,NULL\n", &[r#"{"a":"","b":"NULL"}"#]);
    check_with(nulls(&[""]), "a,b\n,NULL\n", &[r#"{"b":"NULL"}"#]);
}

#[test]
fn booleans_are_the_callers() {
    let booleans = |pairs: &[(&str, &str)]| {
        options()
            .with_booleans(pairs.iter().copied())
            .expect("words")
    };
    check_with(
        booleans(&[("yes", "no"), ("ja", "nein")]),
        "a,b\nYES,true\nNein,false\n",
        &[r#"{"a":true,"b":"true"}"#, r#"{"a":false,"b":"false"}"#],
    );
    check_with(
        booleans(&[("1", "0")]),
        "a,b\n1,2\n0,1\n",
        &[r#"{"a":true,"b":"2"}"#, r#"{"a":false,"b":"1"}"#],
    );
    check_with(
        booleans(&[("да", "нет")]),
        "a\nДА\nнет\n",
        &[r#"{"a":true}"#, r#"{"a":false}"#],
    );
    check_with(booleans(&[]), "a\ntrue\n", &[r#"{"a":"true"}"#]);
    let both = booleans(&[("y", "n")]).with_null_values(["n"]);
    check_with(both, "a\ny\nn\n", &[r#"{"a":true}"#, "{}"]);
}

#[test]
fn the_python_package_has_its_words() {
    let (_, rows) = read_with(
        &python(),
        b"a,b\nNULL,null\nNA,na\nN/A,n/a\n\"\",\"NA\"\nNull, NA\n",
    )
    .expect("valid");
    assert_eq!(rows, "{}\n{}\n{}\n{}\n{\"a\":\"Null\",\"b\":\" NA\"}\n");
    let (_, rows) = read_with(&python(), b"a\nyes\nNO\ntrue\n").expect("valid");
    assert_eq!(rows, "{\"a\":true}\n{\"a\":false}\n{\"a\":true}\n");
    for config in [Config::v1(), Config::v2()] {
        assert_eq!(config.words(), Words::Python);
    }
    // The caller's words go before.
    let own = python().with_csv_options(options().with_null_values(["-"]));
    let (_, rows) = read_with(&own, b"a,b\n-,NA\n,yes\n").expect("valid");
    assert_eq!(rows, "{\"b\":\"NA\"}\n{\"b\":\"yes\"}\n");
}

#[test]
fn quoted_cells_are_text_on_request() {
    let quoted = || options().with_quoted_text(true);
    let input = "id,\"code\",n\n1,\"123\",\"\"\n2,\"45,\"\"6\",\n3,,\"NA\"\n";
    let rows = [
        r#"{"id":1,"code":"123","n":""}"#,
        r#"{"id":2,"code":"45,\"6"}"#,
        r#"{"id":3,"n":"NA"}"#,
    ];
    check_with(quoted().with_null_values(["NA"]), input, &rows);
    let (report, _) = read_with(&processor(quoted()), input.as_bytes()).expect("valid");
    let types: Vec<String> = columns(&report).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(types, ["int64", "text", "text"]);
    // Without it, quotes say nothing of types.
    check("a,b\n\"1\",\"\"\n", &[r#"{"a":1}"#]);
    // One such cell makes the column text.
    check_with(
        quoted(),
        "a\n1.50\n\"2\"\n",
        &[r#"{"a":"1.50"}"#, r#"{"a":"2"}"#],
    );
    // Behind the first block, too.
    let row = "\"1\",2\n";
    let input = format!("a,b\n{}", row.repeat((5 << 20) / row.len()));
    let (report, rows) = read_with(&processor(quoted()), input.as_bytes()).expect("valid");
    assert_eq!(
        columns(&report),
        [("a", "text".to_owned()), ("b", "int64".to_owned())]
    );
    assert!(rows.ends_with("{\"a\":\"1\",\"b\":2}\n"));
    let cast = processor(quoted()).with_config(plain().with_cast(Cast::Text));
    let (_, rows) = read_with(&cast, b"a,b\n\"\",\n").expect("valid");
    assert_eq!(rows, "{\"a\":\"\"}\n");
}

#[test]
fn csv_output_has_the_words_of_the_settings() {
    let text = r#"{"a": true, "b": [true], "c": true} {"a": false, "c": "x"}"#;
    let files = |processor: &Processor, format: transmog::WriterOptions| {
        let result = processor.process(text, "t").expect("valid");
        let files = result.to_bytes(("csv", format.clone())).expect("a file");
        let (memory, streamed) = transmog::Memory::new();
        let output = transmog::OutputSpec::new(("csv", format), memory);
        processor.stream_process(text, "t", output).expect("valid");
        let streamed = streamed.take();
        assert_eq!(streamed["t.csv"], files["t"]);
        String::from_utf8(files["t"].clone()).expect("UTF-8")
    };
    let none = transmog::WriterOptions::new;
    let plainly = "a,c\r\ntrue,true\r\nfalse,x\r\n";
    let python = "a,c\r\nTrue,true\r\nFalse,x\r\n";
    let by_default = Processor::new().with_config(plain());
    let by_python = Processor::new().with_config(plain().with_words(Words::Python));
    assert_eq!(files(&by_default, none()), plainly);
    assert_eq!(files(&by_python, none()), python);
    // The format's own option goes before.
    assert_eq!(files(&by_default, none().with("booleans", "True")), python);
    assert_eq!(files(&by_python, none().with("booleans", "true")), plainly);
}

/// What CSV writes, CSV reads.
#[test]
fn written_booleans_are_read_again() {
    for words in [Words::Plain, Words::Python] {
        let processor = Processor::new().with_config(plain().with_words(words));
        let result = processor
            .process(r#"{"a": true} {"a": false}"#, "t")
            .expect("valid");
        let file = result.to_bytes("csv").expect("a file")["t"].clone();
        let csv = Processor::new()
            .with_config(plain())
            .with_input_format(InputFormat::Csv)
            .with_csv_options(CsvReadOptions::default());
        let again = csv.process(Input::bytes(&file), "t").expect("valid");
        assert_eq!(again.report().tables[0].columns[0].data_type, "boolean");
    }
}
