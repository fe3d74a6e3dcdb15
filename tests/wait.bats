# Waits and the stream of events, without a browser: what happens here is what the portal tells.
load lib
load serve

setup() {
	bx_setup
	whole_portal
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in --no-show >call.json
	CALL=$(jq -r .CALL_ID call.json)
	ctl idle >/dev/null
}
teardown() { bx_teardown; }

started() { bx-card -c "$CALL" -t "${1:-20}" wait ONVOXIMPLANTCALLSTART "${@:2}"; }

@test "a wait finds what has happened already, and takes it once" {
	run --separate-stderr started
	assert_success
	assert_json '.event == "ONVOXIMPLANTCALLSTART" and .source == "portal" and .own == true and .seq > 0'
	run --separate-stderr started 0.2
	assert_failure 6
	refute_output
}

@test "a second flow counts for itself" {
	started
	run --separate-stderr started 20 --cursor second
	assert_success
	run --separate-stderr started 0.2 --cursor second
	assert_failure 6
}

@test "--since looks back, --new does not" {
	started
	run --separate-stderr started 20 --since 0
	assert_success
	run --separate-stderr started 0.2 --new --cursor third
	assert_failure 6
}

@test "a wait without a call hears of any, from now on or from its cursor" {
	run --separate-stderr bx-card -t 0.2 wait ONVOXIMPLANTCALLSTART
	assert_failure 6
	run --separate-stderr bx-card -t 20 wait ONVOXIMPLANTCALLSTART --cursor all
	assert_success
	assert_json '.CALL_ID == "'"$CALL"'"'
}

@test "the first of several events ends the wait" {
	run --separate-stderr bx-card -c "$CALL" -t 20 wait answer ONVOXIMPLANTCALLEND ONVOXIMPLANTCALLSTART
	assert_success
	assert_json '.event == "ONVOXIMPLANTCALLSTART"'
}

@test "a wait that began before gets it when it happens" {
	mkfifo event
	bx-card -c "$CALL" -t 60 wait ONVOXIMPLANTCALLEND >event 3>&- &
	bx-call -c "$CALL" finish --duration 3 >/dev/null
	run cat event
	wait $!
	assert_json '.event == "ONVOXIMPLANTCALLEND" and .CALL_ID == "'"$CALL"'"'
}

@test "what the reader never got is not taken" {
	run bash -c "bx-card -c '$CALL' -t 20 wait ONVOXIMPLANTCALLSTART >/dev/full"
	assert_failure 9
	run --separate-stderr started
	assert_success
}

@test "in a pipe the call goes from hand to hand" {
	run --separate-stderr bash -c "bx-card -c - -t 20 wait ONVOXIMPLANTCALLSTART <call.json | bx-call -c - finish --duration 5"
	assert_success
	assert_json '.CALL_ID == "'"$CALL"'" and .CALL_DURATION == 5'
}

@test "events: history, filters, and -f without gap or repeat" {
	run --separate-stderr bx-card events
	assert_success
	assert_equal "$(jq -s 'map(.seq) == [range(1; length + 1)]' <<<"$output")" true
	run --separate-stderr bx-card events -e ONVOXIMPLANTCALLSTART -c "$CALL"
	assert_equal "${#lines[@]}" 1
	local last
	last=$(field .seq)
	run --separate-stderr bx-card events -c nothing
	assert_success
	refute_output
	mkfifo stream
	bx-card events -f --since "$((last - 1))" -c "$CALL" >stream 3>&- &
	local follower=$! line
	exec 5<stream
	read -r line <&5
	assert_equal "$(jq .seq <<<"$line")" "$last"
	bx-call -c "$CALL" finish --duration 3 >/dev/null
	while read -r line <&5; do
		assert_equal "$(jq ".seq > $last" <<<"$line")" true
		last=$(jq .seq <<<"$line")
		[ "$(jq -r .event <<<"$line")" != ONVOXIMPLANTCALLEND ] || break
	done
	kill "$follower"
	exec 5<&-
	wait "$follower" || true
}

@test "a follower whose reader left ends by itself" {
	run bash -c 'bx-card events -f --since 0 | head -n 1'
	assert_success
	assert_equal "${#lines[@]}" 1
}

@test "a command for a call without a card is refused when no card comes" {
	run --separate-stderr bx-card -c "$CALL" -t 0.5 state connected
	assert_failure 5
	refute_output
	run --separate-stderr bx-card -c nothing -t 0.5 title x
	assert_failure 5
	run --separate-stderr bx-card -c ext:"$(jq -r .EXTERNAL_CALL_ID call.json)" -t 0.5 close
	assert_failure 5
	run --separate-stderr bx-card ls
	assert_success
	refute_output
}

@test "a daemon that goes away is told as such, to waits too" {
	mkfifo err
	bx-card -c "$CALL" wait answer 2>err 3>&- &
	local waiter=$! status=0
	exec 5<err
	until [ "$(metric bx_serve_waits)" = 1 ]; do :; done
	stop serve
	run cat <&5
	wait "$waiter" || status=$?
	exec 5<&-
	assert_equal "$status" 9
	assert_output --partial 'bx-serve closed the connection'
	run --separate-stderr bx-card ls
	assert_failure 5
}
