"""DataFusion: scans the input once for each table. Rows of arrays are linked by the record's own id and have no index.

Arguments: INPUT FOLDER THREADS.
"""

import os
import sys

import datafusion
import pyarrow

source, folder, threads = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
config = datafusion.SessionConfig().with_target_partitions(int(threads))
context = datafusion.SessionContext(config)
context.register_json("src", source, file_extension=os.path.splitext(source)[1])
arrays = []


def columns(fields, path, name):
    """Scalars below a struct, each as an expression with its name; arrays are noted."""
    for field in fields:
        here = f"{path}['{field.name}']" if path else f'"{field.name}"'
        named = f"{name}_{field.name}" if name else field.name
        if pyarrow.types.is_struct(field.type):
            yield from columns(field.type, here, named)
        elif pyarrow.types.is_list(field.type):
            arrays.append((here, named, field.type.value_type))
        else:
            yield f'{here} AS "{named}"'


def write(select, table):
    context.sql(
        f"COPY ({select}) TO '{folder}/{table}.parquet' STORED AS PARQUET "
        "OPTIONS ('format.compression' 'snappy')"
    ).collect()


write(f"SELECT {', '.join(columns(context.table('src').schema(), '', ''))} FROM src", "events")
for path, name, item in arrays:
    items = columns(item, "item", "") if pyarrow.types.is_struct(item) else ["item AS value"]
    write(
        f'SELECT _parent_id, {", ".join(items)} FROM (SELECT id AS _parent_id, unnest({path}) AS item FROM src)',
        f"events_{name}",
    )
