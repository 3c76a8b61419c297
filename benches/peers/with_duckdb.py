"""DuckDB: reads the input once, into a table if it has arrays, and writes one table for the records and one for each array.

The SELECTs are those that one would write by hand; here they come from the types that DuckDB has found.
Arguments: INPUT FOLDER FORMAT THREADS.
"""

import os
import sys

import duckdb

source, folder, format, threads = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
connection = duckdb.connect(config={"threads": int(threads)})
options = {"parquet": "parquet, COMPRESSION snappy", "jsonl": "json"}.get(format, format)
if source.endswith(".csv"):
    scan = f"read_csv('{source}')"
    types = connection.sql(f"FROM {scan}")
else:
    # The first records tell the types, except where these change.
    sample = -1 if "drift" in os.path.basename(source) else 1000
    lines = f"read_json('{source}', format='newline_delimited'"
    types = connection.sql(f"FROM {lines}, sample_size={sample}, map_inference_threshold=-1)")
    scan = f"{lines}, columns={dict(zip(types.columns, map(str, types.types)))})"


def split(fields, path, name, columns, arrays):
    """Scalars below a struct become columns, each an expression with its name; arrays are noted."""
    for key, kind in fields:
        here = f'{path}."{key}"' if path else f'"{key}"'
        named = f"{name}_{key}" if name else key
        if kind.id == "struct":
            split(kind.children, here, named, columns, arrays)
        elif kind.id == "list":
            arrays.append((here, named, kind.children[0][1]))
        else:
            columns.append(f'{here} AS "{named}"')


def write(table, rows, path, fields, columns):
    """Writes rows with these columns and the fields at a path, and tables of the arrays there."""
    arrays = []
    split(fields, path, "", columns, arrays)
    if arrays:
        connection.execute(f'CREATE TEMP TABLE "{table}" AS FROM {rows}')
        rows = f'"{table}"'
        columns = ["rowid AS _id", *columns]
    connection.execute(
        f"COPY (SELECT {', '.join(columns)} FROM {rows}) TO '{folder}/{table}.{format}' (FORMAT {options})"
    )
    for array, name, item in arrays:
        items = (
            f"(SELECT rowid AS _parent_id, generate_subscripts({array}, 1) AS _index, "
            f"unnest({array}) AS item FROM {rows})"
        )
        fields = item.children if item.id == "struct" else []
        # An array in an array is a text.
        value = {"struct": [], "list": ["to_json(item) AS value"]}.get(item.id, ["item AS value"])
        write(f"{table}_{name}", items, "item", fields, ["_parent_id", "_index", *value])


write("events", scan, "", zip(types.columns, types.types), [])
