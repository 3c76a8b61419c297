"""Reads the tables of a run with PyArrow, DuckDB and Polars and checks every leaf against a plain recomputation.

    leaves.py INPUT.ndjson REPORT.json FORMAT=FOLDER...

INPUT is JSON Lines. REPORT and the folders are those of runs with default settings, of the formats parquet, csv and json (with
`-O lines=true`). Exit status 77: a package is missing.

What is compared, for each column: how many rows hold something, and the sum of hashes of row numbers and values. Rows are
counted here, in the order of the records, and not read from id columns.
"""

import json
import sys
from pathlib import Path

try:
    import duckdb
    import polars
    import pyarrow
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet
except ImportError as missing:
    print(missing)
    sys.exit(77)

MASK = (1 << 64) - 1
# Columns read at a time: a file may have thousands.
GROUP = 250


def spell(value):
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


# How a leaf is compared: as what the column says that it is.
AS = {
    "boolean": bool,
    "int64": int,
    "decimal": int,
    "float64": float,
    "text": spell,
    "json": spell,
}


class Column:
    def __init__(self, kind):
        self.kind = kind
        self.same_as = AS[kind]
        self.cells = 0
        self.sum = 0

    def take(self, row, value):
        self.cells += 1
        self.sum = (self.sum + hash((row, self.same_as(value)))) & MASK


class Expected:
    """The tables that records should become."""

    def __init__(self, report):
        self.rows = {}
        self.columns = {}
        for table in report["tables"]:
            hops = tuple(map(tuple, table["path"]))
            self.rows[hops] = 0
            for column in table["columns"]:
                if column.get("path") is not None:
                    self.columns[hops, tuple(column["path"])] = Column(column["type"])

    def new_row(self, table):
        row = self.rows[table]
        self.rows[table] = row + 1
        return row

    def fields(self, table, row, path, value):
        if isinstance(value, dict):
            for key, field in value.items():
                self.fields(table, row, (*path, key), field)
        elif isinstance(value, list):
            self.items((*table, path), value)
        elif value is not None:
            self.columns[table, path].take(row, value)

    def items(self, table, items):
        for item in items:
            row = self.new_row(table)
            if isinstance(item, list):
                self.columns[table, ()].take(row, item)
            else:
                self.fields(table, row, (), item)


def arrow_type(kind):
    return {
        "boolean": pyarrow.bool_(),
        "int64": pyarrow.int64(),
        "float64": pyarrow.float64(),
    }.get(kind, pyarrow.string())


def polars_type(kind):
    return {
        "boolean": polars.Boolean,
        "int64": polars.Int64,
        "float64": polars.Float64,
    }.get(kind, polars.String)


def duckdb_type(kind):
    return {"boolean": "BOOLEAN", "int64": "BIGINT", "float64": "DOUBLE"}.get(kind, "VARCHAR")


def quoted(names):
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def with_pyarrow(file, kind, columns):
    names = [column["name"] for column in columns]
    if kind == "parquet":
        return pyarrow.parquet.read_table(file, columns=names)
    if kind == "csv":
        convert = pyarrow.csv.ConvertOptions(
            include_columns=names,
            column_types={name: pyarrow.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
        return pyarrow.csv.read_csv(file, parse_options=parse, convert_options=convert)
    schema = pyarrow.schema([(c["name"], arrow_type(c["type"])) for c in columns])
    parse = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return pyarrow.json.read_json(file, parse_options=parse)


def with_duckdb(file, kind, columns):
    names = [column["name"] for column in columns]
    file = str(file).replace("'", "''")
    if kind == "parquet":
        source = f"read_parquet('{file}')"
    elif kind == "csv":
        how = "delim = ',', quote = '\"', escape = '\"', header = true, all_varchar = true, allow_quoted_nulls = false"
        source = f"read_csv('{file}', {how}, parallel = false)"
    else:
        types = ", ".join(f"'{c['name']}': '{duckdb_type(c['type'])}'" for c in columns)
        source = f"read_json('{file}', format = 'newline_delimited', columns = {{{types}}})"
    return duckdb.sql(f"SELECT {quoted(names)} FROM {source}").to_arrow_table()


def with_polars(file, kind, columns):
    names = [column["name"] for column in columns]
    if kind == "parquet":
        return polars.read_parquet(file, columns=names).to_arrow()
    if kind == "csv":
        frame = polars.scan_csv(file, infer_schema=False)
    else:
        frame = polars.scan_ndjson(
            file, schema={c["name"]: polars_type(c["type"]) for c in columns}
        )
    return frame.select(names).collect().to_arrow()


READERS = {"pyarrow": with_pyarrow, "duckdb": with_duckdb, "polars": with_polars}


def read_value(kind, format):
    """What a cell is after reading: CSV has text only, and JSON no decimals."""
    if format == "parquet" or kind in ("text", "json"):
        return lambda value: value
    if format == "json" and kind != "decimal":
        return lambda value: value
    return (lambda text: text == "True") if kind == "boolean" else AS[kind]


def check(format, folder, report, expected, reader):
    leaves = 0
    for table in report["tables"]:
        hops = tuple(map(tuple, table["path"]))
        assert len(table["files"]) == 1, table["files"]
        (file,) = Path(folder).glob(table["name"] + ".*")
        data = [column for column in table["columns"] if column.get("path") is not None]
        if format == "json":
            data = [column for column in data if column["type"] != "decimal"]
        for start in range(0, len(data), GROUP):
            group = data[start : start + GROUP]
            cells = READERS[reader](file, format, group)
            assert cells.num_rows == expected.rows[hops], (table["name"], cells.num_rows)
            for column in group:
                array = cells[column["name"]].combine_chunks()
                want = expected.columns[hops, tuple(column["path"])]
                rows = pyarrow.compute.indices_nonzero(array.is_valid()).to_pylist()
                of_cell = read_value(column["type"], format)
                same_as, total = want.same_as, 0
                for row, value in zip(rows, array.drop_null().to_pylist(), strict=True):
                    total += hash((row, same_as(of_cell(value))))
                where = (reader, format, table["name"], column["name"])
                assert len(rows) == want.cells, (where, len(rows), want.cells)
                assert total & MASK == want.sum, where
                leaves += len(rows)
    return leaves


def main():
    input, report, *outputs = sys.argv[1:]
    report = json.loads(Path(report).read_text(encoding="utf-8"))
    expected = Expected(report)
    with open(input, encoding="utf-8") as lines:
        for line in lines:
            expected.fields((), expected.new_row(()), (), json.loads(line))
    for table in report["tables"]:
        rows = expected.rows[tuple(map(tuple, table["path"]))]
        assert rows == table["rows"], (table["name"], rows, table["rows"])
    for output in outputs:
        format, folder = output.split("=", 1)
        for reader in READERS:
            leaves = check(format, folder, report, expected, reader)
            print(f"{format}: {reader} reads {leaves} leaves in {len(report['tables'])} tables")


main()
