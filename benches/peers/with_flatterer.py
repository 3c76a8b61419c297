"""flatterer: tables of all arrays by itself, as Parquet. Arguments: INPUT FOLDER THREADS."""

import sys

import flatterer

source, folder, threads = sys.argv[1:]
flatterer.flatten(
    source,
    folder,
    csv=False,
    parquet=True,
    ndjson=True,
    force=True,
    main_table_name="events",
    arrays_new_table=True,  # tables for arrays of scalars too
    threads=int(threads),
)
