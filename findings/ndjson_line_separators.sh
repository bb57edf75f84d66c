#!/bin/sh
# Streaming JSON lines in Python: iter_lines() of httpx and of requests cuts valid documents in two.
#
# Versions    httpx 0.27.2, requests 2.32.3 (PyPI)
# Behaviour   httpx.Response.iter_lines(), and requests.Response.iter_lines(decode_unicode=True), split text by
#             str.splitlines(), which also ends a line at U+2028, U+2029 and U+0085. JSON allows all three
#             unescaped inside strings (RFC 8259, section 7), and lines of JSON end at \n only. requests on bytes,
#             the default, does not cut.
# Output      httpx: 5 lines for 3 documents, 1 of them valid JSON; the first is '{"id": 1, "text": "one'
# Why         A service whose users type or paste U+2028 sends valid lines that such a client rejects, two errors
#             for one row, and only for these rows. A reader of lines has to split bytes at \n before it
#             decodes; text with these characters belongs into the tests of every source that reads lines.
#
# Needs python3 with pip, and PyPI or a mirror of it. Exits 1 when the behaviour has changed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --quiet --disable-pip-version-check --root-user-action=ignore --target "$work" \
  httpx==0.27.2 requests==2.32.3
PYTHONPATH=$work python3 - <<'PYTHON'
import io
import json
import sys

import httpx
import requests

documents = [{"id": 1, "text": "one\u2028two"}, {"id": 2, "text": "three\u0085four"}, {"id": 3, "text": "five"}]
body = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents).encode("utf-8")
by_newline = [json.loads(line) for line in body.split(b"\n") if line]


def count_valid(lines):
    valid = 0
    for line in lines:
        try:
            json.loads(line)
            valid += 1
        except ValueError:
            pass
    return valid


def requests_lines(**options):
    response = requests.Response()
    response.raw = io.BytesIO(body)
    response.encoding = "utf-8"
    return list(response.iter_lines(**options))


seen = {
    "httpx iter_lines()": list(httpx.Response(200, content=body).iter_lines()),
    "requests iter_lines(decode_unicode=True)": requests_lines(decode_unicode=True),
    "requests iter_lines()": requests_lines(),
}
print(f"httpx {httpx.__version__}, requests {requests.__version__}: {len(documents)} documents")
for name, lines in seen.items():
    print(f"  {name}: {len(lines)} lines, {count_valid(lines)} of them valid JSON, the first {lines[0]!r}")
found = {name: (len(lines), count_valid(lines)) for name, lines in seen.items()}
wanted = {
    "httpx iter_lines()": (5, 1),
    "requests iter_lines(decode_unicode=True)": (5, 1),
    "requests iter_lines()": (3, 3),
}
if by_newline != documents or found != wanted:
    sys.exit("changed: the behaviour is no longer the one described above")
PYTHON
