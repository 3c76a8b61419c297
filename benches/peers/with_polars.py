"""Polars: reads the input once, into memory if it has arrays, and writes one table for the records and one for each array.

Arguments: INPUT FOLDER FORMAT.
"""

import os
import sys

import polars
from polars import List, Struct, col

source, folder, format = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
if source.endswith(".csv"):
    scan = polars.scan_csv(source)
else:
    # The first records tell the types, except where these change.
    sample = None if "drift" in os.path.basename(source) else 100
    scan = polars.scan_ndjson(source, infer_schema_length=sample)
    schema = scan.collect_schema()
    if any(kind.is_nested() for kind in schema.dtypes()):  # then this takes a fraction of the time
        record = col("line").str.json_decode(Struct(schema))
        scan = polars.scan_lines(source).select(record).unnest("line")


def named(frame, kind):
    return [name for name, its in frame.collect_schema().items() if isinstance(its, kind)]


def write(frame, table):
    """Writes a frame without its arrays, and a table for each of these."""
    while structs := named(frame, Struct):
        frame = frame.unnest(structs, separator="_")
    arrays = named(frame, List)
    if arrays:
        frame = frame.with_row_index("_id").collect().lazy()
    path, scalars = os.path.join(folder, f"{table}.{format}"), frame.drop(arrays)
    if format == "parquet":
        scalars.sink_parquet(path, compression="snappy")
    elif format == "csv":
        scalars.sink_csv(path)
    else:
        scalars.sink_ndjson(path)
    for array in arrays:
        length = col("value").list.len()
        items = (
            frame.select(_parent_id="_id", value=array)
            .filter(length > 0)
            .with_columns(_index=polars.int_ranges(length))
            .explode("value", "_index")
        )
        if named(items, Struct):
            items = items.unnest("value")
        elif named(items, List):  # an array in an array is a text, which only a struct can become
            items = items.with_columns(polars.struct("value").struct.json_encode().alias("value"))
        write(items, f"{table}_{array}")


write(scan, "events")
