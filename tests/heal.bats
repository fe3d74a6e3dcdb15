# Registrations that the portal removed and bx-serve puts back.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

bound() { bx-bind ls | jq -s '[.[] | select(.placement == "PAGE_BACKGROUND_WORKER")] | length'; }
# What a portal posts after it has removed the worker; the status of the answer.
notice() {
	curl -sS -o /dev/null -w '%{http_code}\n' "${1-$ERROR}" -d error=ERROR_PLACEMENT_LOADING_OVERTIME \
		--data-urlencode 'error_description=Removed, because slow'
}
error_address() { "$BX_BIN/../tests/tools/control" urls '{"portal":"demo"}' | jq -r .error_handler; }
metric() { curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics | grep "^$1 " | cut -d' ' -f2; }
status() { curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/status; }
# Waits for a record of the daemon's, whenever it came.   told EVENT
told() { bx-card -t 30 wait "$1" --since 0; }
registration() { ctl dump | jq '[.tables[].rows[] | select(.placement? == "PAGE_BACKGROUND_WORKER").ID][0]'; }
# A portal with its worker registered.
healthy() {
	whole_portal "$@"
	ERROR=$(error_address)
	assert_equal "$(bound)" 1
}

@test "the notice leads to the check, and the registration is back" {
	healthy
	bx-bind rm worker
	assert_equal "$(notice)" 200
	run --separate-stderr told placement.restored
	assert_success
	assert_json '.portal == "demo" and .source == "serve" and .data.action == "bound" and .data.signals == 1'
	assert_equal "$(bound)" 1
	run bash -c 'bx-card events | jq -r .event | grep placement'
	assert_output "$(printf 'placement.disabled\nplacement.restored')"
	run status
	jq -e '.healing == [{portal: "demo", state: "restored", since: .healing[0].since}]' <<<"$output"
	assert_equal "$(metric bx_serve_restored_total)" 1
}

@test "a load that a page of the registration before tells of late does not count against the new one" {
	load serve
	installed --slow 1
	local token
	token=$(frame_token)
	# The day's count that the next load has.   counts MILLISECONDS
	counts() {
		curl -sS -f -o /dev/null "$SERVE/frame" -d "{\"t\":\"$token\",\"load\":[$1,1,0]}"
		bx-card -t 30 wait frame.slow --cursor counts | jq .data.today
	}
	slow_today() { status | jq '.health[0].slow.today'; }
	assert_equal "$(counts 7000) $(counts 7000)" '1 2'
	notice "$(error_address)"
	told placement.restored
	assert_equal "$(counts 600000) $(counts 1)" '3 1'
	assert_equal "$(slow_today)" 1
	stop serve
	serve_start --slow 1
	assert_equal "$(slow_today)" 1
	assert_equal "$(counts 600000) $(counts 1)" '4 2'
}

@test "nor does it where it is the first slow one" {
	load serve
	installed --slow 1
	notice "$(error_address)"
	told placement.restored
	curl -sS -f -o /dev/null "$SERVE/frame" -d "{\"t\":\"$(frame_token)\",\"load\":[600000,1,0]}"
	told frame.slow
	assert_equal "$(status | jq '.health[0].slow')" null
}

@test "a thousand forged notices: one question, nothing unbound" {
	healthy
	local before began=$SECONDS
	before=$(asked placement.get)
	curl -sS -f -o /dev/null -d error=x "$ERROR?[1-1000]"
	run --separate-stderr told placement.kept
	assert_success
	assert_json '.data.action == "kept"'
	[ "$(metric bx_serve_signals_total)" -ge 1000 ]
	local minutes=$(((SECONDS - began) / 60))
	[ "$(($(asked placement.get) - before))" -le "$((1 + minutes))" ]
	assert_equal "$(asked placement.unbind)" 0
	assert_equal "$(asked placement.bind)" 1
	assert_equal "$(bound)" 1
	# The rest of the flood is one record, however long it was.
	[ "$(bx-card events -e placement.disabled | wc -l)" -le 2 ]
	run status
	jq -e '.healing[0].next_ms > 0' <<<"$output"
}

@test "an address of no profile leads to nothing" {
	healthy
	assert_equal "$(notice "$SERVE/error/0123456789abcdef0123456789abcdef")" 404
	assert_equal "$(metric bx_serve_signals_total)" 0
	assert_equal "$(metric bx_serve_checks_total)" 0
}

@test "lost without an administrator's rights: told with the reason, in status and by the doctor" {
	healthy
	bx-bind rm worker
	ctl fault placement.bind=ACCESS_DENIED >/dev/null
	notice
	run --separate-stderr told placement.lost
	assert_success
	assert_json '.data.exit == 4 and (.data.reason | test("Access denied"))'
	run status
	jq -e '.healing[0] | .state == "lost" and (.reason | test("Access denied"))' <<<"$output"
	run --separate-stderr bx-auth check
	assert_failure 10
	jq -se 'map(select(.check == "healing"))[0] | .ok == false and (.finding | test("Access denied"))
		and (.todo | length > 0)' <<<"$output"
	# What was put right by hand is known at once.
	ctl clear >/dev/null
	bx-bind worker | jq -e '.action == "bound"'
	run status
	jq -e '.healing[0].state == "kept"' <<<"$output"
	run --separate-stderr bx-auth check
	refute_output --partial healing
}

@test "a portal that cannot be asked is asked again, also by a daemon started anew" {
	healthy
	bx-bind rm worker
	ctl fault placement.get=OVERLOAD_LIMIT:0 >/dev/null
	notice
	run --separate-stderr told placement.waiting
	assert_success
	assert_json '.data.exit == 3'
	run status
	jq -e '.healing[0] | .state == "waiting" and .next_ms > 0' <<<"$output"
	stop serve KILL
	ctl clear >/dev/null
	serve_start
	run --separate-stderr told placement.restored
	assert_success
	assert_equal "$(bound)" 1
}

@test "an update of the app removes what it registered, and healing follows" {
	healthy
	bx-bind rm worker
	ctl update >/dev/null
	run --separate-stderr told placement.restored
	assert_success
	assert_equal "$(bound)" 1
}

@test "a removed app is left alone, and healed when it is installed again" {
	healthy
	ctl uninstall >/dev/null
	run --separate-stderr told app.removed
	assert_success
	bx-auth show demo | jq -e '.removed'
	local before
	before=$(asked placement.get)
	assert_equal "$(notice)" 200
	run --separate-stderr bx-auth check
	jq -se 'any(.[]; .ok == false and (.finding | test("was removed from the portal")))' <<<"$output"
	run status
	jq -e '.healing[0].state == "disabled"' <<<"$output"
	assert_equal "$(asked placement.get)" "$before"
	ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" >/dev/null
	run --separate-stderr told placement.restored
	assert_success
	bx-auth show demo | jq -e 'has("removed") | not'
	assert_equal "$(bound)" 1
}

@test "an ONAPPUNINSTALL that is not true changes nothing" {
	healthy
	local token
	token=$(ctl dump | jq -r '[.. | objects | .application_token? // empty][0]')
	curl -sS -f "$SERVE/event" -d event=ONAPPUNINSTALL --data-urlencode "auth[application_token]=$token" \
		--data-urlencode "auth[member_id]=$(jq -r .member_id <<<"$SANDBOX_INFO")" -d 'data[CLEAN]=1'
	run --separate-stderr told app.present
	assert_success
	bx-auth show demo | jq -e 'has("removed") | not'
	assert_equal "$(bound)" 1
}

@test "the notice lost, the pair refreshed, the portal moved: the next run of cron heals" {
	whole_portal --public-url http://phone.example.net
	stop serve
	bx-auth refresh demo >/dev/null
	ctl move "localhost:${DOMAIN#*:}" >/dev/null
	for _ in $(seq 11); do ctl load "$(registration)" 6000 >/dev/null; done
	ctl idle >/dev/null
	serve_start --public-url http://phone.example.net
	run --separate-stderr bx-bind -q -t 60 worker
	assert_success
	assert_json '.action == "bound"'
	run --separate-stderr bx-bind -q -t 60 worker
	assert_output ''
}

@test "the notice lost: each line that cron may run heals, and is silent when all is well" {
	local url=http://phone.example.net line
	whole_portal --public-url $url
	echo '{"placements":[{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"@worker","OPTIONS":{"errorHandlerUrl":"@error"}}]}' >want.json
	for line in "$(grep -o 'bx-bind .*' "$BX_ROOT/examples/crontab")" 'bx-bind -q apply want.json'; do
		stop serve
		for _ in $(seq 11); do ctl load "$(registration)" 6000 >/dev/null; done
		ctl idle >/dev/null
		assert_equal "$(bound)" 0
		serve_start --public-url $url
		run --separate-stderr bash -c "$line"
		assert_success
		assert_json '.action == "bound"'
		assert_equal "$(bound)" 1
		run bash -c "$line"
		assert_success
		assert_output ''
	done
}

@test "--registrations: an update takes the handlers of events, and the file brings them back" {
	echo '{"placements":[{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"@worker","OPTIONS":{"errorHandlerUrl":"@error"}}],
		"events":[{"event":"ONAPPUNINSTALL","handler":"@event"}]}' >registrations.json
	healthy --registrations "$PWD/registrations.json"
	bx-bind rm worker
	ctl update >/dev/null
	run --separate-stderr told placement.restored
	assert_success
	assert_equal "$(bound)" 1
	run --separate-stderr bx-bind diff registrations.json
	assert_success
	stop serve
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --registrations "$PWD/none"
	assert_failure 2
}
