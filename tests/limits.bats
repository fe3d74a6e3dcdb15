# One limit for all processes of a machine.
load lib
load client

setup() {
	bx_setup
	client_portal
}
teardown() { bx_teardown; }

# Portal and profile with the same limit.   limit X:Y
limit() {
	ctl limit "$1" >/dev/null
	bx-auth set demo --limit "$1" >/dev/null
}

# The methods in the order of arrival, since log row SEQ.   arrived SEQ
arrived() { ctl log | jq -r --argjson since "$1" 'select(.seq > $since and .kind == "rest") | .path | split("/")[-1]'; }
last_row() { ctl log | jq -s 'last.seq'; }

@test "eight processes with four hundred calls: the portal refuses none" {
	limit 100:60
	for i in $(seq 8); do
		(for j in $(seq 50); do bx-rest -q "$([ $((i % 2)) = 0 ] && echo --bulk || echo --no-bulk)" server.time; done >"out.$i" 2>&1) &
		pids[i]=$!
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	assert_equal "$(cat out.* | grep -c '^"20')" 400
	assert_equal "$(asked server.time)" 400
	assert_equal "$(ctl log | jq -r 'select(.error == "QUERY_LIMIT_EXCEEDED") | .seq' | wc -l)" 0
}

@test "a live call overtakes bulk work" {
	limit 12:1
	local since line bulk
	since=$(last_row)
	mkfifo traces
	exec {bulk}<>traces
	for i in 1 2 3; do
		(for j in $(seq 5); do bx-rest -v --bulk server.time; done >"out.$i" 2>&$bulk) &
		pids[i]=$!
	done
	# Bulk work has taken what it may, and waits.
	until [[ ${line:-} == *"limit: waiting"* ]]; do read -r -u "$bulk" line; done
	bx-rest -v app.info >/dev/null 2>live
	refute grep 'limit: waiting' live
	for pid in "${pids[@]}"; do wait "$pid"; done
	assert_equal "$(arrived "$since" | sort | uniq -c | tr -s ' ' | tr '\n' ';')" ' 1 app.info; 15 server.time;'
	assert_equal "$(arrived "$since" | tail -n 1)" server.time
	assert_equal "$(ctl log | jq -r 'select(.error == "QUERY_LIMIT_EXCEEDED") | .seq' | wc -l)" 0
}

@test "where somebody else calls from this address too, a refused call comes through in the end" {
	bx-auth set demo --limit 1000:1000 >/dev/null
	# However slowly they come one after the other.
	ctl fault server.time=QUERY_LIMIT_EXCEEDED:3 >/dev/null
	pids=()
	for i in $(seq 8); do
		bx-rest server.time >"out.$i" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	assert_equal "$(cat out.* | grep -c '^"20')" 8
	assert_equal "$(ctl log | jq -r 'select(.error == "QUERY_LIMIT_EXCEEDED") | .seq' | wc -l)" 3
	assert_equal "$(asked server.time)" 11
}

# The portal's clock of a method, as a success told it SECONDS ago or, negative, hence.
resets_in() {
	sqlite3 "$BX_STATE/portals.db" \
		"replace into value (key, value) values ('operating demo server.time', '$(($(date +%s) + $1))')"
}

@test "a method out of operation time is waited for until the portal's moment, or not at all" {
	printf '%s\n' '{"id":1,"method":"server.time"}' '{"id":2,"method":"profile"}' >commands
	for call in 'bx-rest server.time' 'bx-rest batch'; do
		before=$(($(asked server.time) + $(asked batch)))
		# Nothing is remembered, the moment is past, or too far away: at once, and once.
		for moment in none -1 600; do
			[ "$moment" = none ] || resets_in "$moment"
			ctl fault server.time=OPERATION_TIME_LIMIT >/dev/null
			run --separate-stderr $call <commands
			[[ $output$stderr == *OPERATION_TIME_LIMIT* ]] || fail "$output$stderr"
			case $call in
			*batch) assert_failure 1 && assert_json '.id == 2 and .result.ID == "1"' ;;
			*) assert_failure 3 ;;
			esac
		done
		assert_equal "$(($(asked server.time) + $(asked batch)))" "$((before + 3))"
		# Far enough that a slow machine does not come too late to wait.
		resets_in 6
		ctl fault server.time=OPERATION_TIME_LIMIT >/dev/null
		run --separate-stderr $call <commands
		assert_success
		[[ $stderr == *limit* || $stderr == *"operation time"* ]] || fail "$stderr"
		assert_equal "$(($(asked server.time) + $(asked batch)))" "$((before + 5))"
		sqlite3 "$BX_STATE/portals.db" "delete from value where key like 'operating %'"
	done
}

@test "the moment is remembered from a success, in a batch too" {
	for call in 'bx-rest server.time' 'bx-rest batch'; do
		ctl latency server.time=200 >/dev/null
		run --separate-stderr $call <<<'{"method":"server.time"}'
		assert_success
		told=$(sqlite3 "$BX_STATE/portals.db" "select value from value where key = 'operating demo server.time'")
		assert [ "$told" -gt "$(date +%s)" ]
		sqlite3 "$BX_STATE/portals.db" "delete from value where key like 'operating %'"
	done
}
