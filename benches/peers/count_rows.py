"""Rows and tables of the Parquet files below a folder, found by DuckDB: prints TABLES ROWS. Arguments: FOLDER.

A folder with several files of one table counts once; what a tool notes about itself (`_dlt...`) is left out.
"""

import os
import sys

import duckdb

tables, rows = set(), 0
for folder, _, files in os.walk(sys.argv[1]):
    for file in files:
        path = os.path.join(folder, file)
        if not file.endswith(".parquet") or "_dlt" in os.path.relpath(path, sys.argv[1]):
            continue
        inner = folder != sys.argv[1] and os.path.basename(folder) not in ("parquet",)
        tables.add(folder if inner else path)
        rows += duckdb.sql(f"SELECT num_rows FROM parquet_file_metadata('{path}')").fetchone()[0]
print(len(tables), rows)
