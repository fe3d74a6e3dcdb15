# A handler that is slow in the browser: the portal removes it, and it comes back.
load ../lib
load ../webdriver

setup() { bx_setup; }
teardown() {
	stop proxy KILL
	bx_teardown
}

# A portal where 300 ms are slow, and a daemon behind a network that makes its page as slow as told.
slow_portal() {
	sandbox_start --slow-ms 300 "$@"
	portal_app demo >/dev/null
	start proxy "$BX_BIN/../tests/tools/slowproxy" 127.0.0.2 target
	serve_start --slow 250 --public-url "http://$(jq -r .listening <<<"$FIRST")"
	delay 0
	portal_install >/dev/null
	wd_start
}
delay() { echo "$SERVE_LISTEN $1" >target; }

# Opens a page and waits until its worker's frames have loaded.
load_page() {
	wd_open "$(page_of 101)"
	wd_wait 'body[data-ready]'
}
told() { bx-card -t 30 wait "$1" --since "${SINCE:-0}"; }
counted() { ctl dump | jq '[.tables[].rows[] | select(.placement? == "PAGE_BACKGROUND_WORKER").options.maxTimeCount // 0] | add'; }

# The Nth slow load is the one too many.   removed_at N
removed_at() {
	local n
	delay 400
	for n in $(seq "$1"); do
		load_page
		SINCE=$(told frame.slow | jq "$(printf 'if .data.today == %d then .seq else error end' "$n")")
		[ "$n" = "$1" ] || assert_equal "$(counted)" "$n"
	done
	SINCE=0
	told placement.disabled >disabled.json
	told placement.restored >restored.json
	jq -e '.data.action == "bound" and .data.signals == 1' restored.json
	echo "# from the notice to the registration: $(jq .data.ms restored.json) ms" >&3
	assert_equal "$(counted)" 0
	delay 0
	load_page
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	run --separate-stderr bx-card -c - -t 20 wait initialized <call.json
	assert_success
	assert_equal "$(bx-card events -e placement.restored | wc -l)" 1
}

@test "three slow loads are allowed: the fourth costs the registration, which comes back at once" {
	slow_portal --slow-limit 3
	removed_at 4
	bx-card events -e frame.slow >slow.jsonl
	# Where the time went: here it was the network.
	jq -se 'all(.[]; .data | .ms >= 400 and .network >= 400 and .network + .server + .browser == .ms and .budget == 10)' slow.jsonl
	bx-card events -e frame.budget | jq -e '.data == {today: 2, before: 3}'
}

@test "ten slow loads are allowed: the same at the eleventh" {
	slow_portal
	removed_at 11
	bx-card events -e frame.budget | jq -se 'map(.data) == [{today: 2, before: 3}, {today: 9, before: 10}]'
}

@test "the day's count outlives the daemon, and is in metrics and status" {
	slow_portal
	delay 400
	load_page
	told frame.slow
	stop serve KILL
	serve_start --slow 250 --public-url "$(jq -r .public_url <<<"$SERVE_INFO")"
	load_page
	SINCE=$(told frame.slow | jq .seq)
	told frame.slow | jq -e '.data.today == 2'
	told frame.budget | jq -e '.data.before == 3'
	curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/status |
		jq -e '.slow_loads[0] | .portal == "demo" and .today == 2 and .budget == 10'
	curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics >metrics
	grep -qx 'bx_serve_slow_today{portal="demo"} 2' metrics
	grep -q '^bx_serve_load_share_ms_total{part="network"} [1-9]' metrics
}
