"""The Python package, version 2: tables of all arrays by itself. Arguments: INPUT FOLDER."""

import sys

import transmog

source, folder = sys.argv[1:]
transmog.flatten_stream(
    source,
    folder,
    name="events",
    output_format="parquet",
    config=transmog.TransmogConfig(array_mode=transmog.ArrayMode.SEPARATE),
    compression="snappy",
)
