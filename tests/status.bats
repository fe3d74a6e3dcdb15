# The status page and its JSON, at the admin address.
load lib
load serve

setup() { bx_setup; }
teardown() { bx_teardown; }

admin() { curl -sS --unix-socket "$BX_STATE/admin.sock" "$@"; }

@test "a page for browsers, JSON for programs, at both addresses" {
	installed
	for path in '' status; do
		admin "http://admin/$path" | jq -e '.cards == 0 and (.time | length > 20)' >/dev/null
		admin -D head.txt -H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' "http://admin/$path" >page.html
		grep -qi '^content-type: text/html' head.txt
		grep -q '<!DOCTYPE html>' page.html
	done
	admin -o /dev/null -w '%{http_code}' http://admin/other >code
	assert_equal "$(cat code)" 404
	admin http://admin/metrics | grep -q '^bx_serve_requests_total'
}

@test "the page: one document under a nonce of its own, nothing foreign, nothing filled in by the server" {
	installed
	page() { admin -D "head.$1" -H 'Accept: text/html' http://admin/ >"page.$1"; }
	page 1
	page 2
	nonce() { grep -i '^content-security-policy' "head.$1" | grep -o 'nonce-[0-9a-f]*' | sort -u | cut -d- -f2; }
	[ "$(nonce 1)" != "$(nonce 2)" ]
	assert_equal "$(grep -c "nonce=\"$(nonce 1)\"" page.1)" 2
	grep -qi "^content-security-policy: default-src 'none';.*frame-ancestors 'none'" head.1
	run grep -nE '(src|href)="?(https?:|//)|@[A-Z]+@|innerHTML|style="' page.1
	assert_output ''
	assert_equal "$(sed "s/$(nonce 1)//g" page.1 | sha256sum)" "$(sed "s/$(nonce 2)//g" page.2 | sha256sum)"
}

@test "cards, portals, loads and the last events; nothing secret" {
	installed
	local token
	token=$(frame_token)
	own call-1
	line_open
	hello "$token" "[$(initialized 1 call-1)]"
	down '.a == 1'
	own call-1
	for ms in 20 90 4500 7000; do
		curl -sS "$SERVE/frame" -d "{\"t\":\"$token\",\"load\":[$ms,10,2]}" >/dev/null
	done
	records -f --since 0 | grep -m1 -c frame.slow >/dev/null
	admin http://admin/status >status.json
	jq -e '.open_cards[0] | .CALL_ID == "call-1" and .user == 1 and (.frames | length == 1) and .age >= 0' status.json
	jq -e '.health[0] | .portal == "demo" and .app == "installed" and .webhook == false and .slow.today == 2
		and .slow.budget == 10 and (.page | length > 0) and (.token_expires | length > 0)' status.json
	jq -e '.loads | [.buckets[] | select(.count > 0) | [.le, .count]] == [[25, 1], [100, 1], [5000, 1], [null, 1]]
		and .slow == 2 and .limit_ms == 5000' status.json
	jq -e '(.events | map(.event) | contains(["initialized", "frame.slow"])) and .events[0].seq == .seq' status.json
	jq -e 'has("online") | not' status.json
	run grep -cF -e "$APP_TOKEN" -e "$token" -e "$(jq -r .app.client_secret <<<"$SANDBOX_INFO")" status.json
	assert_output 0
	line_close
	# The tail is there again after a start, the newest first.
	stop serve
	serve_start
	admin http://admin/status >status.json
	jq -e '(.events | map(.seq)) == (.events | map(.seq) | sort | reverse) and (.events | map(.event) | contains(["frame.slow"]))' status.json
}
