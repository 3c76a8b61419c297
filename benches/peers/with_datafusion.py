"""DataFusion: reads the input once, into a table if it has arrays, and writes one table for the records and one for each array.

Arguments: INPUT FOLDER FORMAT THREADS.
"""

import os
import sys

import datafusion
from pyarrow import types

source, folder, format, threads = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
config = datafusion.SessionConfig().with_target_partitions(int(threads))
context = datafusion.SessionContext(config)
if source.endswith(".csv"):
    context.register_csv("scan", source, options=datafusion.CsvReadOptions(newlines_in_values=True))
else:
    # The first records tell the types, except where these change.
    context.register_json(
        "scan",
        source,
        schema_infer_max_records=10**9 if "drift" in os.path.basename(source) else 1000,
        file_extension=os.path.splitext(source)[1],
    )
options = "OPTIONS ('format.compression' 'snappy')" if format == "parquet" else ""


def split(fields, path, name, columns, arrays):
    """Scalars below a struct become columns, each an expression with its name; arrays are noted."""
    for field in fields:
        here = f"{path}['{field.name}']" if path else f'"{field.name}"'
        named = f"{name}_{field.name}" if name else field.name
        if types.is_struct(field.type):
            split(field.type, here, named, columns, arrays)
        elif types.is_list(field.type):
            arrays.append((here, named, field.type.value_type))
        else:
            columns.append(f'{here} AS "{named}"')


def write(table, rows, path, fields, columns):
    """Writes rows with these columns and the fields at a path, and tables of the arrays there."""
    arrays = []
    split(fields, path, "", columns, arrays)
    if arrays:
        context.sql(
            f"CREATE TABLE {table} AS SELECT row_number() OVER () AS _id, * FROM {rows}"
        ).collect()
        rows = table
        columns = ["_id", *columns]
    context.sql(
        f"COPY (SELECT {', '.join(columns)} FROM {rows}) TO '{folder}/{table}.{format}' "
        f"STORED AS {'json' if format == 'jsonl' else format} {options}"
    ).collect()
    for array, name, item in arrays:
        items = (
            f"(SELECT _id AS _parent_id, unnest(range(0, array_length({array}))) AS _index, "
            f"unnest({array}) AS item FROM {rows})"
        )
        fields = item if types.is_struct(item) else []
        # An array in an array is a text.
        value = "CAST(item AS VARCHAR)" if types.is_list(item) else "item"
        value = [] if fields else [f"{value} AS value"]
        write(f"{table}_{name}", items, "item", fields, ["_parent_id", "_index", *value])


write("events", "scan", "", context.table("scan").schema(), [])
