"""The Python package, version 1: tables of all arrays by itself, all columns text. Arguments: INPUT FOLDER."""

import os
import sys

import transmog

source, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
transmog.Processor().stream_process_file(
    source, "events", "parquet", folder, compression="snappy"
)
