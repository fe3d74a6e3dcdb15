# bx-bind event pull: events fetched from the portal's queue.
load lib
load client

setup() { bx_setup; client_portal; }
teardown() { bx_teardown; }

# So many calls, each of which ends with an event.   calls N
calls() {
	local i
	for ((i = 0; i < $1; i++)); do
		bx-call register --new --no-show --user 1 --phone "+1555010$((RANDOM % 9000 + 1000))" --type in >call.json
		bx-call -c - finish --duration 1 <call.json >/dev/null
	done
}
pull() { run --separate-stderr bx-bind event pull "$@"; }
left() { ctl dump | jq '.tables.offline.rows | length'; }

@test "events are bound, taken in packages, printed, and cleared after that" {
	pull ONVOXIMPLANTCALLEND
	assert_success
	assert_output ''
	[[ $stderr == *"ONVOXIMPLANTCALLEND is kept in the portal's queue from now on"* ]]
	calls 5
	assert_equal "$(left)" 5
	pull --limit 2 onVoximplantCallEnd
	assert_success
	assert_equal "${#lines[@]}" 5
	assert_json '.portal == "demo" and .EVENT_NAME == "ONVOXIMPLANTCALLEND" and .EVENT_DATA.CALL_DURATION == "1" or .EVENT_DATA.CALL_DURATION == 1'
	assert_equal "$(left)" 0
	assert_equal "$(asked event.bind)" 1
	# Every request reserved; nothing was taken away before it was printed.
	assert_equal "$(ctl log | jq -s '[.[] | select((.path // "") | endswith("event.offline.get")) | .body | fromjson | .clear] | unique | .[]')" 0
	pull
	assert_success
	assert_output ''
}

@test "a command gets each event; its failure is marked in the portal, and taken again on demand" {
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	calls 3
	cat >hand <<-'END'
		#!/bin/sh
		read -r line
		printf '%s %s %s\n' "$BX_PORTAL" "$BX_EVENT" "$line" >>"$1"
		[ "$(wc -l <"$1")" != 2 ]
	END
	chmod +x hand
	pull --exec "$PWD/hand '$PWD/got it'"
	assert_failure 1
	assert_output ''
	[[ $stderr == *"hand ended with status 1"*"1 events failed and are marked so"* ]]
	assert_equal "$(grep -c '^demo ONVOXIMPLANTCALLEND {"portal":"demo","ID":' 'got it')" 3
	assert_equal "$(left)" 1
	assert_equal "$(ctl dump | jq -r '.tables.offline.rows[].ERROR')" 1
	pull
	assert_output ''
	pull --failed --exec "$PWD/hand 'got it'"
	assert_success
	assert_equal "$(left)" 0
	assert_equal "$(wc -l <'got it')" 4
	calls 1
	pull --exec /no/such/command
	assert_failure 1
	[[ $stderr == *"/no/such/command cannot be run"* ]]
	pull --exec "'open"
	assert_failure 2
}

@test "a package that is cut off is finished by the next one, before anything new" {
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	calls 3
	cat >die <<-'END'
		#!/bin/sh
		read -r line
		printf '%s\n' "$line" >>seen
		[ "$(wc -l <seen)" != 2 ] || kill -9 "$PPID"
	END
	chmod +x die
	pull --exec "$PWD/die"
	assert_failure 137
	assert_equal "$(left)" 3
	calls 1
	pull
	assert_success
	assert_equal "${#lines[@]}" 4
	assert_equal "$(left)" 0
	# Nothing stays behind.
	assert_equal "$(find "$BX_STATE" -name 'pull-*')" ''
	assert_equal "$(sqlite3 "$BX_STATE/portals.db" "SELECT count(*) FROM value WHERE key LIKE 'pull%'")" 0
}

@test "output that is cut off leaves what was not printed in the queue" {
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	calls 2
	run --separate-stderr bash -c 'bx-bind event pull >/dev/full'
	assert_failure 9
	assert_equal "$(left)" 2
	pull
	assert_equal "${#lines[@]}" 2
}

@test "several share the work: each event goes to one of them" {
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	calls 6
	bx-bind event pull --limit 1 >one & local first=$!
	bx-bind event pull --limit 1 >two
	wait $first
	assert_equal "$(cat one two | jq -r .MESSAGE_ID | sort | uniq -c | awk '$1 == 1' | wc -l)" 6
	assert_equal "$(left)" 0
}

@test "a plan without packages: one at a time, with a warning, and what fails is told whole" {
	ctl variant plain-queue
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	calls 3
	pull
	assert_success
	assert_equal "${#lines[@]}" 3
	[[ $stderr == *"plan has no packages"* ]]
	assert_equal "$(ctl log | jq -s '[.[] | select((.path // "") | endswith("event.offline.get")) | .body | fromjson | select(.clear == 1) | .limit] | unique | .[]')" 1
	calls 1
	pull --exec false
	assert_failure 1
	[[ $stderr == *'it is lost: {"portal":"demo"'* ]]
}

@test "following waits for what will happen, through a portal that is away" {
	bx-bind event add ONVOXIMPLANTCALLEND --type offline >/dev/null
	ctl fault event.offline.get=CONNECTION_ERROR:3 --status 503
	mkfifo lines
	bx-bind event pull -f --every 1 >lines 2>pull.err 3>&- &
	BX_PIDS[pull]=$!
	exec 7<lines
	calls 1
	read -r -u 7 line
	jq -e '.EVENT_NAME == "ONVOXIMPLANTCALLEND"' <<<"$line"
	calls 1
	read -r -u 7 line
	jq -e '.EVENT_NAME == "ONVOXIMPLANTCALLEND"' <<<"$line"
	stop pull KILL
}

@test "what is asked is shown with -n, and a webhook is refused" {
	run --separate-stderr bx-bind -n event pull ONVOXIMPLANTCALLEND
	assert_success
	assert_line --partial '"event_type":"offline"'
	assert_line --partial '"clear":0,"limit":50'
	assert_equal "$(asked event.bind)" 0
	portal_webhook hook >/dev/null
	pull -p hook
	assert_failure 4
}
