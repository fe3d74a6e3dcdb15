"""A portal with one list: 100,000 rows of the calls' statistics, fifty a page by the last ID. Prints the
address of its webhook as its first line."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROWS = 100000
ROW = {
    "PORTAL_USER_ID": "1", "PORTAL_NUMBER": "+15550100001", "PHONE_NUMBER": "+15550199", "CALL_TYPE": "2",
    "CALL_ID": "externalCall.0123456789abcdef0123456789abcdef.1700000000", "CALL_DURATION": "95",
    "CALL_START_DATE": "2024-01-01T12:00:00+03:00", "CALL_FAILED_CODE": "200", "COST": "0.0000",
    "COST_CURRENCY": "USD", "CALL_FAILED_REASON": "Success call", "CRM_ENTITY_TYPE": "CONTACT",
    "CRM_ENTITY_ID": "7", "CRM_ACTIVITY_ID": "12", "REST_APP_ID": "3", "REST_APP_NAME": "Practice",
    "RECORD_FILE_ID": None, "TRANSCRIPT_ID": None, "SESSION_ID": None, "CALL_CATEGORY": "external",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        last = int(asked.get("FILTER", {}).get(">ID", 0))
        rows = [{"ID": str(n), **ROW} for n in range(last + 1, min(last + 51, ROWS + 1))]
        body = json.dumps({"result": rows, "total": 0, "time": {"operating": 0}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}/rest/1/benchbenchbench0/", flush=True)
server.serve_forever()
