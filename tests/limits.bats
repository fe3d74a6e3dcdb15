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
	ctl limit 3:20 >/dev/null
	pids=()
	for i in $(seq 8); do
		bx-rest server.time >"out.$i" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	assert_equal "$(cat out.* | grep -c '^"20')" 8
	[ "$(ctl log | jq -r 'select(.error == "QUERY_LIMIT_EXCEEDED") | .seq' | wc -l)" -ge 1 ]
}
