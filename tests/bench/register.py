"""The same register as a Python script would make it: BENCH_URL, BENCH_TOKEN, and the id of the call."""
import json
import os
import sys

import requests

answer = requests.post(os.environ["BENCH_URL"], json={
    "USER_ID": 1, "PHONE_NUMBER": "+15550100199", "TYPE": 2, "SHOW": 0,
    "EXTERNAL_CALL_ID": sys.argv[1], "auth": os.environ["BENCH_TOKEN"],
}, timeout=10).json()
if "CALL_ID" not in answer.get("result", {}):
    sys.exit("no CALL_ID")
print(json.dumps(answer["result"]))
