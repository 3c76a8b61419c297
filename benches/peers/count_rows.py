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
        # Some tools write a folder for each table, some a folder for the format.
        is_table = folder != sys.argv[1] and os.path.basename(folder) != "parquet"
        tables.add(folder if is_table else path)
        [(count,)] = duckdb.sql(f"SELECT num_rows FROM parquet_file_metadata('{path}')").fetchall()
        rows += count
print(len(tables), rows)
