//! Cases of the first version: which ids rows have, and what child rows point at.

use serde_json::{Value, json};
use transmog::{Config, IdSource, Ids, NaturalIds, Processor, deterministic_id};

use crate::support::{FORMATS, run, typed};

const ID: &str = "__transmog_id";
const PARENT: &str = "__parent_transmog_id";

#[test]
fn d20_zero_id_is_random() {
    let ids = Ids::Deterministic(IdSource::Column("id".into()));
    let processor = Processor::new().with_config(typed().with_ids(ids));
    let zero = "8bfe5177-565e-50c7-bd8a-5eb07815e233";
    assert_eq!(deterministic_id("0"), zero);
    for (value, id) in [
        ("0", zero.to_owned()),
        ("false", deterministic_id("false")),
        ("0.0", deterministic_id("0.0")),
    ] {
        for format in FORMATS {
            let text = format!("[{{\"id\":{value}}},{{\"id\":{value}}}]");
            let seen = run(&processor, format, text).expect("valid");
            assert_eq!(
                seen.column("e", ID),
                [id.as_str(); 2],
                "{value} in {format}"
            );
            assert_eq!(seen.report.tables[0].fallback_ids, 0);
        }
    }
}

#[test]
fn d21_wildcard_hides_table_name() {
    let text = r#"{"id":"R","cust":[{"cid":"C1","id":"zz"}],"other":[{"cid":"C2","id":"yy"}]}"#;
    let child_ids = |map: &[(&str, &str)]| {
        let map = map
            .iter()
            .map(|(table, column)| ((*table).into(), (*column).into()));
        let ids = Ids::Deterministic(IdSource::ByTable(map.collect()));
        let processor = Processor::new().with_config(Config::v1().with_ids(ids));
        let [csv, json, parquet] = FORMATS.map(|format| {
            let seen = run(&processor, format, text).expect("valid");
            assert_eq!(seen.column("e_cust", PARENT), seen.column("e", ID));
            [seen.column("e_cust", ID), seen.column("e_other", ID)].concat()
        });
        assert_eq!((&csv, &json), (&parquet, &parquet));
        csv
    };
    let of = |text: &str| json!(deterministic_id(text));
    assert_eq!(
        child_ids(&[("*", "id"), ("e_cust", "cid")]),
        [of("C1"), of("yy")]
    );
    assert_eq!(
        child_ids(&[("e_cust", "cid"), ("cust", "id"), ("*", "id")])[0],
        of("zz")
    );
    assert_eq!(child_ids(&[("", "id"), ("*", "cid")]), [of("C1"), of("C2")]);
    assert_eq!(child_ids(&[("", "cid")]), [of("C1"), of("C2")]);
}

#[test]
fn d22_natural_force_breaks_link() {
    let text = r#"{"id":"P1","k":[{"q":"1"},{"q":"2"}]}"#;
    let forced = Ids::Natural(NaturalIds::new().with_forced(true));
    let processor = Processor::new().with_config(Config::v1().with_ids(forced));
    let natural = Ids::Natural(NaturalIds::new());
    let natural = Processor::new().with_config(Config::v1().with_ids(natural));
    for format in FORMATS {
        let seen = run(&processor, format, text).expect("valid");
        let ids = seen.column("e", ID);
        assert_eq!(seen.column("e", "id"), ["P1"]);
        assert_eq!(ids[0].as_str().map(str::len), Some(36), "{format}");
        assert_eq!(seen.column("e_k", PARENT), [ids[0].clone(), ids[0].clone()]);
        // Not forced, the natural column is the id.
        let seen = run(&natural, format, text).expect("valid");
        assert_eq!(seen.column("e_k", PARENT), ["P1", "P1"], "{format}");
        let empty = |id: &Value| id.is_null() || id == "";
        assert!(seen.column("e", ID).iter().all(empty), "{format}");
    }
}
