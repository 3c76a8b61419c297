"""Polars: scans the input once for each table, lazily, which is faster than one plan with four sinks.

Arguments: INPUT FOLDER.
"""

import os
import sys

import polars

source, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
scan = polars.scan_ndjson(source)
schema = scan.collect_schema()
rows = scan.with_row_index("_id")
arrays = []


def columns(fields, parent, name):
    """Scalars below a struct, each as an expression with its name; arrays are noted."""
    for key, kind in fields:
        here = parent.struct.field(key) if parent is not None else polars.col(key)
        named = f"{name}_{key}" if name else key
        if isinstance(kind, polars.Struct):
            yield from columns([(f.name, f.dtype) for f in kind.fields], here, named)
        elif isinstance(kind, polars.List):
            arrays.append((here, named, kind.inner))
        else:
            yield here.alias(named)


def write(frame, table):
    frame.sink_parquet(os.path.join(folder, f"{table}.parquet"), compression="snappy")


write(rows.select("_id", *columns(schema.items(), None, "")), "events")
for array, name, item in arrays:
    is_struct = isinstance(item, polars.Struct)
    fields = [(f.name, f.dtype) for f in item.fields] if is_struct else []
    items = columns(fields, polars.col("item"), "") if is_struct else [polars.col("item")]
    length = polars.col("item").list.len()
    write(
        rows.select(polars.col("_id").alias("_parent_id"), array.alias("item"))
        .filter(length > 0)
        .with_columns(polars.int_ranges(length).alias("_index"))
        .explode("item", "_index")
        .select("_parent_id", "_index", *items),
        f"events_{name}",
    )
