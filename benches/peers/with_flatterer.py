"""flatterer: tables of all arrays by itself, as Parquet or CSV. Arguments: INPUT FOLDER FORMAT THREADS."""

import sys

import flatterer

source, folder, format, threads = sys.argv[1:]
flatterer.flatten(
    source,
    folder,
    csv=format == "csv",
    parquet=format == "parquet",
    ndjson=True,
    force=True,
    main_table_name="events",
    arrays_new_table=True,  # tables for arrays of scalars too
    threads=int(threads),
)
