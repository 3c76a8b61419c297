"""dlt: tables of all arrays by itself, as files below FOLDER. Arguments: INPUT FOLDER FORMAT."""

import json
import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"  # of its own files in between

import dlt

source, folder, format = sys.argv[1:]


def records():
    with open(source, "rb") as lines:
        batch = []
        for line in lines:
            batch.append(json.loads(line))
            if len(batch) == 1000:
                yield batch
                batch = []
        yield batch


dlt.pipeline(
    pipeline_name="events",
    dataset_name="events",
    destination=dlt.destinations.filesystem(os.path.abspath(folder)),
    pipelines_dir=os.path.join(os.path.abspath(folder), "_dlt_state"),
).run(records(), table_name="events", loader_file_format=format)
