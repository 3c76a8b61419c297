"""Rows and tables of the files of a format below a folder, found by DuckDB: prints TABLES ROWS. Arguments: FOLDER FORMAT.

A folder with several files of one table counts once; what a tool notes about itself is left out.
"""

import os
import sys

import duckdb

top, format = sys.argv[1:]
tables, rows = set(), 0
for folder, _, files in os.walk(top):
    for file in files:
        path = os.path.join(folder, file)
        is_note = "_dlt" in os.path.relpath(path, top) or (
            folder == top and file in ("fields.csv", "tables.csv")
        )
        if not file.endswith(f".{format}") or is_note:
            continue
        # Some tools write a folder for each table, some a folder for the format.
        is_table = folder != top and os.path.basename(folder) != format
        tables.add(folder if is_table else path)
        query = {
            "parquet": f"SELECT num_rows FROM parquet_file_metadata('{path}')",
            "csv": f"SELECT count(*) FROM read_csv('{path}', header=true, all_varchar=true, escape='\"', quote='\"')",
            "jsonl": f"SELECT count(*) FROM read_json_objects('{path}', format='newline_delimited')",
        }[format]
        [(count,)] = duckdb.sql(query).fetchall()
        rows += count
print(len(tables), rows)
