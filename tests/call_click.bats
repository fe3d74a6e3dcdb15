# A register after the operator clicked a number: the portal has registered that call already.
load lib
load client

setup() { bx_setup; whole_portal; }
teardown() { bx_teardown; }

# The portal's own CALL_ID of a click, once bx-serve knows it.   clicked NUMBER [INNER]
clicked() {
	local id
	id=$(ctl dial --user "$(user_of "${2:-101}")" "$1" | jq -r .CALL_ID)
	bx-card -c "$id" wait ONEXTERNALCALLSTART -t 10 >/dev/null && echo "$id"
}
out() { bx-call register --type out "$@"; }

@test "a register after a click is the portal's own call" {
	id=$(clicked '+1 (555) 010-0199')
	run bx-call ls --open
	assert_json ".CALL_ID == \"$id\" and .user == 1 and .type == \"1\""
	run --separate-stderr out --user 1 --phone 15550100199 --id pbx-1
	assert_success
	assert_json ".CALL_ID == \"$id\" and .reused and .EXTERNAL_CALL_ID == \"pbx-1\" and .user == 1"
	# Started again, the hook of a PBX says the same again.
	run --separate-stderr out --user 1 --phone +15550100199 --id pbx-1
	assert_json ".CALL_ID == \"$id\" and .reused"
	assert_equal "$(asked telephony.externalCall.register)" 0
	run --separate-stderr bx-call -c ext:pbx-1 finish --duration 31
	assert_json ".CALL_ID == \"$id\" and .PORTAL_USER_ID == 1"
	# Over is over.
	run --separate-stderr out --user 1 --phone +15550100199 --id pbx-2
	assert_json ".CALL_ID != \"$id\" and .reused == null"
}

@test "another number, user, kind, id or --new is another call" {
	id=$(clicked 5550100)
	for args in '--user 1 --phone 5550199' '--user 2 --phone 5550100' '--user 1 --phone 5550100 --new'; do
		# shellcheck disable=SC2086
		run --separate-stderr out --no-show $args
		assert_json ".CALL_ID != \"$id\" and .reused == null"
	done
	run --separate-stderr bx-call register --user 1 --phone 5550100 --type in --no-show
	assert_json ".CALL_ID != \"$id\" and .reused == null"
	run --separate-stderr bx-call -n register --user 1 --phone 5550100 --type out
	assert_success
	assert_output ''
	[[ $stderr == *'registered this call at the click'* ]] || fail "$stderr"
	out --user 1 --phone 5550100 --id a >/dev/null
	run --separate-stderr out --user 1 --phone 5550100 --id b --no-show
	assert_json ".CALL_ID != \"$id\" and .reused == null"
	# Without an id of its own it is the same to the portal as well.
	run --separate-stderr out --user 1 --phone 5550100
	assert_json ".CALL_ID == \"$id\" and .reused and .EXTERNAL_CALL_ID == \"a\""
}

@test "the internal number of who clicked is enough" {
	id=$(clicked 5550100 102)
	run --separate-stderr out --ext 101 --phone 5550100 --no-show
	assert_json ".CALL_ID != \"$id\""
	run --separate-stderr out --ext 102 --phone 5550100
	assert_json ".CALL_ID == \"$id\" and .reused and .user == $(user_of 102)"
}

@test "two clicks with one CALL_ID are two clicks" {
	for n in 1 2; do
		curl -sS -o /dev/null "$SERVE/event" --data-urlencode event=ONEXTERNALCALLSTART \
			--data-urlencode "data[CALL_ID]=externalCall.x" --data-urlencode 'data[PHONE_NUMBER]=5550100' \
			--data-urlencode 'data[USER_ID]=1' \
			--data-urlencode "auth[member_id]=$(jq -r .member_id <<<"$SANDBOX_INFO")" \
			--data-urlencode "auth[application_token]=$(ctl dump | jq -r 'first(.. | .application_token? // empty)')"
	done
	for n in 1 2; do
		bx-card -c externalCall.x wait ONEXTERNALCALLSTART -t 10 >/dev/null
	done
	for n in one two; do
		run --separate-stderr out --user 1 --phone 5550100 --id "$n"
		assert_json ".CALL_ID == \"externalCall.x\" and .reused"
	done
	for n in one two; do
		run --separate-stderr bx-call -n -c "ext:$n" hide
		assert_json '.body.CALL_ID == "externalCall.x"'
	done
	# There were two, and the third is somebody else's.
	run --separate-stderr out --user 1 --phone 5550100 --id three
	assert_json '.CALL_ID != "externalCall.x" and .reused == null'
}

@test "a click pulled from the portal's queue counts as well" {
	stop serve
	bx-bind event pull ONEXTERNALCALLSTART >/dev/null
	id=$(ctl dial --user 1 5550100 | jq -r .CALL_ID)
	ctl idle >/dev/null
	run --separate-stderr bx-bind event pull
	assert_json ".EVENT_DATA.CALL_ID == \"$id\""
	run --separate-stderr out --user 1 --phone 5550100 --id x
	assert_json ".CALL_ID == \"$id\" and .reused"
}

@test "a hook that spools reuses the click while the portal is away" {
	id=$(clicked 5550100)
	stop sandbox
	run --separate-stderr out --user 1 --phone 5550100 --id x --spool -t 1
	assert_success
	assert_json ".CALL_ID == \"$id\" and .reused"
	run --separate-stderr bx-call -c ext:x finish --duration 4 --spool -t 1
	assert_failure 7
	assert_json ".queued and .CALL_ID == \"$id\""
}

@test "an internal number whose owner cannot be asked is the one who clicked" {
	id=$(clicked 5550100 102)
	stop sandbox
	run --separate-stderr out --ext 102 --phone 5550100 --id x --spool -t 1
	assert_success
	assert_json ".CALL_ID == \"$id\" and .reused and .user == $(user_of 102)"
	[[ $stderr == *'give --user'* ]] || fail "$stderr"
}
