"""The Python package, version 2: tables of all arrays by itself, as Parquet or CSV. Arguments: INPUT FOLDER FORMAT."""

import sys

import transmog

source, folder, format = sys.argv[1:]
options = {"compression": "snappy"} if format == "parquet" else {}
transmog.flatten_stream(
    source,
    folder,
    name="events",
    output_format=format,
    config=transmog.TransmogConfig(array_mode=transmog.ArrayMode.SEPARATE),
    **options,
)
