# A handler that is slow in the browser: the portal removes it, and it comes back.
load ../lib
load ../webdriver
load ../serve

setup() { bx_setup; }
teardown() {
	stop proxy KILL
	web_server_stop
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

@test "a registration of before, at addresses and with a query of its own, is served and healed" {
	sandbox_start --slow-limit 0
	portal_app demo >/dev/null
	echo '{}' >registrations.json
	# The address is settled first, since the daemon has to know how browsers reach it.
	start serve bx-serve --listen 127.0.0.2:0
	SERVE_LISTEN=$(jq -r .listening <<<"$FIRST") SERVE=http://$(jq -r .listening <<<"$FIRST")
	# The web server of an app that was there before: its own paths lead to the daemon.
	web_server "
		proxy_http_version 1.1;
		proxy_set_header Upgrade \$http_upgrade;
		proxy_set_header Connection upgrade;
		location = /telephony/placement.php { proxy_pass $SERVE/worker; }
		location = /telephony/error.php { proxy_pass $(control urls '{"portal":"demo"}' | jq -r .error_handler); }
		location = /telephony/frame { proxy_pass $SERVE/frame; }"
	stop serve
	serve_start --public-url "http://$WEB" --registrations "$PWD/registrations.json"
	ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" >/dev/null
	ctl idle >/dev/null
	run --separate-stderr bx-bind add PAGE_BACKGROUND_WORKER "http://$WEB/telephony/placement.php?ty=1" \
		--error-handler "http://$WEB/telephony/error.php?ty=1" --title ru=Телефония --title en=Telephony
	assert_success
	bx-bind ls >before.jsonl
	jq -e --arg web "http://$WEB/telephony" '.handler == $web + "/placement.php?ty=1"
		and .langAll.ru.TITLE == "Телефония" and .langAll.en.TITLE == "Telephony"' before.jsonl
	jq --arg web "http://$WEB/telephony" -n '{placements: [{PLACEMENT: "PAGE_BACKGROUND_WORKER",
		HANDLER: ($web + "/placement.php?ty=1"), OPTIONS: {errorHandlerUrl: ($web + "/error.php?ty=1")},
		LANG_ALL: {ru: {TITLE: "Телефония"}, en: {TITLE: "Telephony"}}}]}' >registrations.json
	bx-bind diff registrations.json
	wd_start
	load_page
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	bx-card -c - -t 20 wait initialized <call.json >/dev/null
	run --separate-stderr bx-card -c - state connected <call.json
	assert_success
	wd_state connected
	bx-call -c - finish --duration 1 <call.json >/dev/null
	# One slow load too many, as the portal counts.
	ctl load "$(ctl dump | jq '[.tables[].rows[] | select(.placement? == "PAGE_BACKGROUND_WORKER").ID][0]')" 6000 >/dev/null
	told placement.restored | jq -e '.data.action == "bound"'
	bx-bind ls >after.jsonl
	jq -se 'map(del(.options.maxTimeCount)) | .[0] == .[1] and length == 2' before.jsonl after.jsonl
	load_page
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	run --separate-stderr bx-card -c - -t 20 wait initialized <call.json
	assert_success
}
