"""The peer of bx-rest batch: the same commands in the same batches of fifty, printed the same way.

    batch_client.py URL < commands > outcomes

URL is that of a webhook, with the last slash. Nothing is retried, limited or checked here.
"""
import json
import sys
from urllib.parse import quote

import requests


def pairs(value, prefix):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from pairs(inner, f"{prefix}[{key}]" if prefix else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from pairs(inner, f"{prefix}[{index}]")
    else:
        yield f"{quote(prefix, safe='')}={quote(str(value), safe='')}"


def command(item):
    return item["method"] + "?" + "&".join(pairs(item.get("params", {}), ""))


def send(session, url, items):
    cmd = {item["id"]: command(item) for item in items}
    answer = session.post(url + "batch", json={"halt": 0, "cmd": cmd}).json()["result"]
    for item in items:
        line = {"id": item["id"]}
        if item["id"] in answer["result"]:
            line["result"] = answer["result"][item["id"]]
        else:
            line.update(answer["result_error"][item["id"]])
        print(json.dumps(line, separators=(",", ":"), ensure_ascii=False))


def main():
    url = sys.argv[1]
    session = requests.Session()
    items = []
    for text in sys.stdin:
        items.append(json.loads(text))
        if len(items) == 50:
            send(session, url, items)
            items = []
    if items:
        send(session, url, items)


main()
