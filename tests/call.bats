# bx-call: the life of a call.
load lib
load client

setup() { bx_setup; client_portal; }
teardown() { bx_teardown; }

register() { bx-call register --ext 101 --phone '+1 (555) 010-0199' --type in "$@"; }

@test "register prints the call and remembers it" {
	run --separate-stderr register --line 15550100 --id pbx-77
	assert_success
	assert_json '(.CALL_ID | startswith("externalCall.")) and .EXTERNAL_CALL_ID == "pbx-77" and .CRM_ENTITY_ID != null'
	id=$(field .CALL_ID)
	run bx-call ls
	assert_json ".CALL_ID == \"$id\" and .state == \"registered\" and .ext == \"101\" and .portal == \"demo\""
	run --separate-stderr bx-call register --user 2 --phone 5550123 --type out --no-show
	assert_json '.user == 2 and (.EXTERNAL_CALL_ID | startswith("bx-"))'
	assert_equal "$(ctl log | jq -r 'select(.path // "" | endswith("register")) | .body | fromjson | .SHOW // "absent"' | tr '\n' ' ')" 'absent 0 '
}

@test "words, times and entities become what the portal wants" {
	run --separate-stderr bx-call -n register --user 1 --phone 5 --type redirect --start @1785744060 \
		--crm-create --entity contact:77 --crm-source CALL --list 3 --no-chat
	assert_success
	assert_json '.url | endswith("/rest/telephony.externalCall.register")'
	assert_json '.body.TYPE == 3 and .body.CRM_CREATE == 1 and .body.CRM_ENTITY_TYPE == "CONTACT"
		and .body.CRM_ENTITY_ID == 77 and .body.CALL_LIST_ID == 3 and .body.ADD_TO_CHAT == 0'
	assert_json '.body.CALL_START_DATE | test("^2026-08-03T[0-9:]+[+-][0-9:]+$")'
	assert_json '.body.auth | endswith("…")'
	run bx-call ls
	assert_output ''
}

@test "every kind of call and of outcome, and a start of now" {
	local kind number=1 began
	began=$(date +%s)
	for kind in out in redirect callback info; do
		run --separate-stderr bx-call -n register --user 1 --phone 5 --type "$kind"
		assert_json ".body.TYPE == $number"
		number=$((number + 1))
	done
	run --separate-stderr bx-call -n register --user 1 --phone 5 --type in --start now
	assert [ "$(date -d "$(field .body.CALL_START_DATE)" +%s)" -ge "$began" ]
	bx-call register --user 1 --phone 5550199 --type in >call.json
	run --separate-stderr bx-call -c - finish --status 403 --duration 1 <call.json
	assert_json '.CALL_FAILED_CODE == "403"'
}

@test "register is refused before it is sent where the row says so" {
	before=$(asked telephony.externalCall.register)
	for args in '--phone 5 --type in' '--user 1 --type in' '--user 1 --phone 5' '--user 1 --phone 5 --type up' \
		'--user ann --phone 5 --type in' '--user 1 --phone 5 --type in --start yesterdayish' \
		'--user 1 --phone 5 --type in --entity contact' '--user 1 --phone 5 --type in --entity house:3' \
		'--user 1 --phone 5 --type in extra'; do
		# shellcheck disable=SC2086
		run --separate-stderr bx-call register $args
		assert_failure 2
	done
	assert_equal "$(asked telephony.externalCall.register)" "$before"
	run --separate-stderr bx-call register --ext 999 --phone 5 --type in
	assert_failure 1
	[[ $stderr == *"USER_ID or USER_PHONE_INNER should be set"* ]]
	run --separate-stderr bx-call register --user 1 --phone nothing --type in
	assert_failure 1
	[[ $stderr == *"Unsupported phone number format"* ]]
}

@test "the same id is the same call, another id another one" {
	first=$(register --id a | jq -r .CALL_ID)
	run --separate-stderr register --id a
	assert_json ".CALL_ID == \"$first\" and .reused"
	run --separate-stderr register --id b
	assert_json ".CALL_ID != \"$first\" and .reused == null"
}

@test "a register whose answer is lost is one call all the same" {
	ctl drop telephony.externalCall.register >/dev/null
	run --separate-stderr register --id lost
	assert_success
	assert_equal "$(asked telephony.externalCall.register)" 2
	assert_equal "$(ctl log | jq -r 'select(.path // "" | endswith("register")) | .body | fromjson | .EXTERNAL_CALL_ID' | sort -u)" lost
	# With an old start the portal would make a second call of it.
	ctl drop telephony.externalCall.register >/dev/null
	run --separate-stderr register --id old --start @1785744060
	assert_failure 8
	assert_equal "$(asked telephony.externalCall.register)" 3
}

@test "show and hide, by id, by the caller's own id and from a pipe" {
	register --id pbx-1 >call.json
	run --separate-stderr bx-call -c - show <call.json
	assert_success
	assert_json ".result == true and .CALL_ID == $(jq .CALL_ID call.json)"
	run --separate-stderr bx-call -c ext:pbx-1 show --user 2 --user 3
	assert_json '.user == [2,3]'
	run --separate-stderr bx-call -c "$(jq -r .CALL_ID call.json)" hide --user 2
	assert_json '.user == 2'
	run bx-call ls
	assert_json '.shown == "3"'
}

@test "a call that is not there is status 5" {
	run --separate-stderr bx-call -c externalCall.none show
	assert_failure 5
	run --separate-stderr bx-call -c externalCall.none hide
	assert_failure 5
	run --separate-stderr bx-call -c ext:none show
	assert_failure 5
	run --separate-stderr bx-call -c - show <<<'{"no":"call"}'
	assert_failure 5
	run --separate-stderr bx-call -c externalCall.none finish --user 1
	assert_failure 5
	[[ $stderr == *"Call is not found"* ]]
	run --separate-stderr bx-call -c externalCall.none finish
	assert_failure 2
	run --separate-stderr bx-call show
	assert_failure 2
}

@test "finish books the call to its user" {
	register --id pbx-9 >call.json
	run --separate-stderr bx-call -c - finish --duration 95 <call.json
	assert_success
	assert_json '.CALL_DURATION == 95 and .PORTAL_USER_ID == 1 and .CALL_FAILED_CODE == "200" and .EXTERNAL_CALL_ID == "pbx-9"'
	run bx-call ls
	assert_json '.state == "finished"'
	run bx-call ls --open
	assert_output ''
	run --separate-stderr bx-call -c - finish --duration 95 <call.json
	assert_failure 5
	register >call.json
	run --separate-stderr bx-call -c - finish --status busy --ext 102 --cost 1.25 --currency USD --reason 'line busy' <call.json
	assert_json '.CALL_FAILED_CODE == "486" and .PORTAL_USER_ID == 2 and .COST == 1.25 and .CALL_DURATION == 0'
	register >call.json
	run --separate-stderr bx-call -c - finish --duration 5 --cost 0.5:EUR <call.json
	assert_json '.COST == 0.5 and .COST_CURRENCY == "EUR"'
	for cost in 0.5: :EUR x:EUR; do
		run --separate-stderr bx-call -c - finish --duration 5 --cost "$cost" <call.json
		assert_failure 2
	done
	register >call.json
	run --separate-stderr bx-call -c - finish --vote 9 <call.json
	assert_failure 2
}

@test "finish hides the card from everyone it was shown to" {
	bx-call register --user 1 --phone 5550123 --type in >call.json
	bx-call -c - show --user 2 --user 3 <call.json >/dev/null
	bx-call -c - finish --duration 1 <call.json >/dev/null
	assert_equal "$(ctl log | jq -c 'select(.path // "" | endswith(".hide")) | .body | fromjson | .USER_ID')" '[2,3]'
}

@test "finish hides cards also where only internal numbers are known" {
	hidden() { ctl log | jq -c 'select(.path // "" | endswith(".hide")) | .body | fromjson | .USER_ID' | tr '\n' ' '; }
	register >call.json
	bx-call -c - show --user 2 --user 3 <call.json >/dev/null
	bx-call -c - finish --duration 1 <call.json >/dev/null
	assert_equal "$(hidden)" '[2,3] '
	# Booked to a colleague: the card of the registration is hidden as well, by its default user.
	register >call.json
	bx-call -c - finish --duration 1 --ext 102 <call.json >/dev/null
	assert_equal "$(hidden)" '[2,3] null '
}

@test "answered hides the card of the internal number that was registered, unless that one answers" {
	for user in 2 1; do
		register >call.json
		bx-call -c - show --user 2 <call.json >/dev/null
		run --separate-stderr bx-call -c - answered --user "$user" <call.json
		assert_json ".hidden == [$((3 - user))]"
		run --separate-stderr bx-call -c - finish --duration 1 <call.json
		assert_json ".PORTAL_USER_ID == $user"
	done
	assert_equal "$(asked telephony.externalCall.hide)" 2
}

@test "a finish whose answer is lost is looked up, never doubled" {
	register >call.json
	ctl drop telephony.externalCall.finish >/dev/null
	run --separate-stderr bx-call -c - finish --duration 7 <call.json
	assert_success
	assert_json '.CALL_DURATION == "7"'
	assert_equal "$(asked telephony.externalCall.finish)" 1
	run bx-call history
	assert_equal "${#lines[@]}" 1
	# The process that lost it may be gone: the next one is told the call was finished.
	register --id again >call.json
	ctl drop telephony.externalCall.finish >/dev/null
	ctl fault voximplant.statistic.get=INTERNAL_SERVER_ERROR:0 >/dev/null
	run --separate-stderr bx-call -t 1 -c - finish --duration 8 <call.json
	assert_failure 8
	ctl clear >/dev/null
	run --separate-stderr bx-call -c - finish --duration 8 <call.json
	assert_success
	assert_json '.CALL_DURATION == "8"'
}

@test "history is filtered by time, by call and by any column" {
	for n in 1 2 3; do
		bx-call register --user "$n" --phone "+1555000$n" --type in --start "@$((1785744000 + n * 3600))" --no-show |
			bx-call -c - finish --duration "$n" >/dev/null
	done
	run bx-call history
	assert_equal "${#lines[@]}" 3
	run bx-call history --from @1785747601 --to @1785754800
	assert_equal "${#lines[@]}" 1
	assert_json '.PORTAL_USER_ID == "2"'
	run bx-call history 'FILTER[>CALL_DURATION]=2'
	assert_json '.CALL_DURATION == "3"'
	id=$(field .CALL_ID)
	run bx-call -c "$id" history
	assert_equal "${#lines[@]}" 1
	run bx-call history --limit 2 --sort CALL_DURATION --order desc
	assert_equal "$(jq -r .CALL_DURATION <<<"${lines[0]}")" 3
	assert_equal "${#lines[@]}" 2
	run bx-call -o table history
	assert_line --index 0 --partial PHONE_NUMBER
	run --separate-stderr bx-call history 'FILTER[NO_SUCH]=1'
	assert_failure 2
	run --separate-stderr bx-call history --from never
	assert_failure 2
}

@test "one line from register to finish" {
	run --separate-stderr bash -c "bx-call register --ext 101 --phone 5550123 --type in | bx-call -c - show |
		bx-call -c - hide | bx-call -c - finish --duration 5"
	assert_success
	assert_json '.CALL_DURATION == 5'
}

@test "a tool inside while read leaves the loop's input alone" {
	register --id one >/dev/null
	register --id two >/dev/null
	printf '%s\n' one two | while read -r id; do bx-call -c "ext:$id" hide; done >out
	assert_equal "$(wc -l <out)" 2
}

@test "a stopped portal is status 3, and nothing is remembered" {
	stop sandbox
	run --separate-stderr register
	assert_failure 3
	[[ $stderr == "bx-call: register: $DOMAIN cannot be reached: Connection refused" ]]
	run bx-call ls
	assert_output ''
}

@test "an expired token costs one refresh" {
	ctl expire >/dev/null
	register >/dev/null
	assert_equal "$(asked oauth)" 2
}
