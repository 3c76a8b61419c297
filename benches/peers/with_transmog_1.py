"""The Python package, version 1: tables of all arrays by itself, all columns text. Arguments: INPUT FOLDER FORMAT."""

import os
import sys

import transmog

source, folder, format = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
options = {"compression": "snappy"} if format == "parquet" else {}
transmog.Processor().stream_process_file(source, "events", format, folder, **options)
