"""Reads cases from standard input with the real python-dotenv.

In: a JSON list of {"text", "environment"}. Out: a JSON list of {"read", "interpolated"}, where
"read" is the list of [name, value or null] in the order of the file and "interpolated" an object.
"""

import io
import json
import logging
import os
import sys

from dotenv.main import DotEnv, resolve_variables

logging.disable(logging.CRITICAL)


def read(case):
    # The same decoding as load_dotenv's open(path, encoding="utf-8"), line ends included.
    stream = io.TextIOWrapper(io.BytesIO(case["text"].encode()), encoding="utf-8")
    pairs = list(DotEnv(None, stream=stream).parse())
    os.environ.clear()
    os.environ.update(case["environment"])
    interpolated = resolve_variables(pairs, override=False)
    return {"read": pairs, "interpolated": interpolated}


json.dump([read(case) for case in json.load(sys.stdin)], sys.stdout)
