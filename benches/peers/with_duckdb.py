"""DuckDB: reads the input once into a table, and writes one table for the records and one for each array.

The SELECTs are those that one would write by hand; here they come from the types that DuckDB has found.
Arguments: INPUT FOLDER THREADS.
"""

import os
import sys

import duckdb

source, folder, threads = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
connection = duckdb.connect(config={"threads": int(threads)})
connection.execute(
    "CREATE TEMP TABLE src AS SELECT row_number() OVER () AS _id, * "
    f"FROM read_json('{source}', format='newline_delimited')"
)
arrays = []


def columns(fields, path, name):
    """Scalars below a struct, each as an expression with its name; arrays are noted."""
    for key, kind in fields:
        here = f'{path}."{key}"' if path else f'"{key}"'
        named = f"{name}_{key}" if name else key
        if kind.id == "struct":
            yield from columns(kind.children, here, named)
        elif kind.id == "list":
            arrays.append((here, named, kind.children[0][1]))
        else:
            yield f'{here} AS "{named}"'


def write(select, table):
    connection.execute(
        f"COPY ({select}) TO '{folder}/{table}.parquet' (FORMAT parquet, COMPRESSION snappy)"
    )


table = connection.table("src")
fields = list(zip(table.columns, table.types))
write(f"SELECT {', '.join(columns(fields, '', ''))} FROM src", "events")
for path, name, item in arrays:
    items = columns(item.children, "item", "") if item.id == "struct" else ["item AS value"]
    write(
        f"SELECT _id AS _parent_id, _index, {', '.join(items)} FROM (SELECT _id, unnest({path}) AS item, "
        f"generate_subscripts({path}, 1) AS _index FROM src)",
        f"events_{name}",
    )
