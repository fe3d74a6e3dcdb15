# The outbox: a hook never waits for the portal, and every call arrives once.
load lib
load client

setup() { bx_setup; client_portal; export BX_SPOOL=1; }
teardown() { bx_teardown; }

register() { bx-call register --ext 101 --phone '+1 555 010 0199' --type in "$@"; }
# Nothing gets through any more, or again.
portal_off() { ctl fault '*=cut:0' >/dev/null; }
portal_on() { ctl clear >/dev/null; }
booked() { BX_SPOOL='' bx-call history "$@" | jq -rc '[.EXTERNAL_CALL_ID, .CALL_DURATION]'; }
wav() { printf 'RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0%s' 12345678; }
sent() { ctl log | jq -rc --arg m "$1" 'select(.path // "" | endswith($m)) | .body | fromjson | del(.auth)'; }

@test "with the portal there, spooling changes nothing" {
	run --separate-stderr register --id a
	assert_success
	assert_json '(.CALL_ID | startswith("externalCall.")) and .EXTERNAL_CALL_ID == "a" and .queued == null'
	run --separate-stderr bx-call -c ext:a show --user 2
	assert_success
	assert_json '.result and .user == 2'
	run --separate-stderr bx-call -c ext:a finish --duration 5
	assert_success
	assert_json '.CALL_DURATION == 5'
	run bx-call outbox ls
	assert_output ''
	run bx-call outbox ls --all
	assert_equal "${#lines[@]}" 3
	assert_equal "$(sent .register | jq -r '.SHOW // "absent"')" absent
}

@test "without it a whole call is queued with status 7, and arrives in order with its true start" {
	portal_off
	wav >a.wav
	run --separate-stderr register --id a --start @1785744060
	assert_failure 7
	assert_json '.queued and .id > 0 and .EXTERNAL_CALL_ID == "a" and .CALL_ID == null'
	register --id a2 >two.json || [ $? = 7 ]
	for verb in 'show --user 2' 'finish --duration 95' 'record a.wav'; do
		# shellcheck disable=SC2086
		run --separate-stderr bx-call -c ext:a $verb
		assert_failure 7
	done
	run --separate-stderr bx-call -c - finish --duration 3 <two.json
	assert_failure 7
	run bx-call outbox ls
	assert_equal "${#lines[@]}" 6
	run --separate-stderr bx-call flush
	assert_failure 3
	portal_on
	before=$(sent .register | wc -l)
	run --separate-stderr bx-call flush -j 1
	assert_success
	assert_equal "$(jq -r '[.verb,.state] | join(" ")' <<<"$output")" "register done
show dropped
finish done
record done
register done
finish done"
	assert_equal "$(booked)" '["a","95"]
["a2","3"]'
	BX_SPOOL='' bx-call history 'FILTER[EXTERNAL_CALL_ID]=a' | jq -e '.RECORD_FILE_ID > 0 and
		(.CALL_START_DATE | .[:19] + "Z" | fromdate) != 0'
	assert_equal "$(BX_SPOOL='' bx-call history --from @1785744060 --to @1785744061 | jq -r .EXTERNAL_CALL_ID)" a
	assert_equal "$(sent .register | tail -n +$((before + 1)) | jq -c '[.EXTERNAL_CALL_ID,.SHOW]')" '["a",0]
["a2",0]'
	assert_equal "$(sent .show | wc -l)" 0
	run bx-call outbox ls
	assert_output ''
	run --separate-stderr bx-call flush
	assert_success
	assert_output ''
}

@test "a live call younger than a minute still gets its card" {
	portal_off
	register --id a >/dev/null || true
	bx-call -c ext:a show --user 2 >/dev/null || true
	portal_on
	run --separate-stderr bx-call flush -j 1
	assert_success
	assert_equal "$(sent .register | tail -n 1 | jq -r '.SHOW // "absent"') $(sent .show | wc -l)" 'absent 1'
}

@test "the same register twice is one, the same finish twice is one" {
	portal_off
	first=$(register --id a | jq .id) || true
	again=$(register --id a | jq .id) || true
	other=$(bx-call register --ext 101 --phone 5550000 --type in --id a | jq .id) || true
	assert_equal "$again" "$first"
	[ "$other" != "$first" ]
	bx-call outbox drop "$other" >/dev/null
	portal_on
	register --id a >call.json
	run --separate-stderr register --id a
	assert_success
	assert_equal "$(field .CALL_ID)" "$(jq -r .CALL_ID call.json)"
	for n in 1 2; do
		run --separate-stderr bx-call -c ext:a finish --duration 9
		assert_success
		assert_json '.CALL_DURATION == 9'
	done
	# A hook that is started from its beginning after the call is over.
	run --separate-stderr register --id a
	assert_json '.reused'
	assert_equal "$(field .CALL_ID)" "$(jq -r .CALL_ID call.json)"
	assert_equal "$(booked)" '["a","9"]'
	assert_equal "$(asked telephony.externalCall.finish)" 1
}

@test "two calls of one caller to one employee within a minute stay two" {
	register --id a >/dev/null
	register --id b >/dev/null
	bx-call -c ext:a finish --duration 1 >/dev/null
	bx-call -c ext:b finish --duration 2 >/dev/null
	assert_equal "$(booked)" '["a","1"]
["b","2"]'
}

@test "a lost answer is settled before anything is repeated" {
	ctl drop telephony.externalCall.register >/dev/null
	run --separate-stderr register --id a
	assert_success
	ctl drop telephony.externalCall.finish >/dev/null
	run --separate-stderr bx-call -c ext:a finish --duration 7
	assert_failure 7
	assert_json '.queued and (.CALL_ID | startswith("externalCall."))'
	run --separate-stderr bx-call flush -j 1
	assert_success
	assert_equal "$(asked telephony.externalCall.finish)" 1
	assert_equal "$(booked)" '["a","7"]'
	run bx-call ls
	assert_json '.state == "finished"'
}

@test "a finish that never came is not repeated while it may still be running" {
	register --id a >/dev/null
	ctl fault telephony.externalCall.finish=cut >/dev/null
	run --separate-stderr bx-call -c ext:a finish --duration 7
	assert_failure 7
	run --separate-stderr bx-call flush -j 1
	assert_failure 3
	assert_equal "$(asked telephony.externalCall.finish)" 1
	run bx-call outbox ls
	assert_json '.verb == "finish" and .state == "queued" and .tries == 1'
}

@test "what the portal refuses is told at once, and parked when nobody listens" {
	run --separate-stderr bx-call register --ext 101 --phone nothing --type in --id bad
	assert_failure 1
	[[ $stderr == *"Unsupported phone number format"* ]]
	run bx-call outbox ls
	assert_output ''
	portal_off
	id=$(bx-call register --ext 101 --phone nothing --type in --id bad | jq .id) || true
	bx-call -c ext:bad finish --duration 1 >/dev/null || true
	register --id good >/dev/null || true
	portal_on
	run --separate-stderr bx-call flush -j 1
	# The finish behind it waits, the other call has gone.
	assert_failure 3
	run bx-call outbox show "$id"
	assert_json '.state == "parked" and (.error | contains("Unsupported phone number format")) and .params.PHONE_NUMBER == "nothing"'
	run bx-call ls
	assert_json '.EXTERNAL_CALL_ID == "good"'
	run --separate-stderr bx-call outbox drop "$id"
	assert_success
	assert_equal "${#lines[@]}" 2
	run bx-call outbox ls
	assert_output ''
	run --separate-stderr bx-call outbox retry "$id"
	assert_failure 5
	run --separate-stderr bx-call outbox show 99999
	assert_failure 5
	run --separate-stderr bx-call outbox show x
	assert_failure 2
}

@test "a file that has vanished or changed is reported" {
	register --id a >/dev/null
	bx-call -c ext:a finish --duration 1 >/dev/null
	wav >one.wav
	wav >two.wav
	portal_off
	bx-call -c ext:a record one.wav >/dev/null || true
	bx-call -c ext:a record two.wav >/dev/null || true
	portal_on
	rm one.wav
	echo more >>two.wav
	run --separate-stderr bx-call flush -j 1
	assert_failure 1
	run bx-call outbox ls
	run bx-call outbox show "$(jq -r .id <<<"${lines[1]}")"
	assert_json '(.file | endswith("/two.wav")) and .size == 52 and (.modified | startswith("20"))'
	run bx-call outbox ls
	assert_equal "$(jq -r .error <<<"$output" | sed 's,.*/,,')" 'one.wav: No such file or directory
two.wav was changed after it was queued'
}

@test "a hook killed in the middle and started again books one call" {
	register --id a >/dev/null
	ctl latency telephony.externalCall.finish=60000 >/dev/null
	bx-call -c ext:a finish --duration 7 >/dev/null 2>&1 &
	pid=$!
	until [ "$(asked telephony.externalCall.finish)" = 1 ]; do :; done
	kill -9 "$pid"
	wait "$pid" || true
	portal_on
	for ((n = 0; n < 50; n++)); do
		run --separate-stderr bx-call -c ext:a finish --duration 7
		[ "$status" = 7 ] || break
	done
	assert_equal "$(asked telephony.externalCall.finish)" 1
	[ "$status" = 0 ] || [ "$status" = 7 ]
}

# Two of them, each said again until nothing is left, as two timers would: whoever comes second is
# sent away by the lock, and what failed while the portal was away is not put off any longer.
@test "two flushes at once deliver each call once" {
	local n
	portal_off
	for n in 1 2 3 4; do
		register --id "$n" >/dev/null || true
		bx-call -c "ext:$n" finish --duration "$n" >/dev/null || true
	done
	for n in 1 2 3; do
		run bx-call flush
		assert_failure 3
	done
	portal_on
	before=$(asked telephony.externalCall.finish)
	again() { until bx-call flush >>"$1" 2>>"$1.err"; do echo "$?" >>"$1.again"; done; }
	again one &
	pid=$!
	again two
	wait "$pid"
	assert_equal "$(cat one two | jq -r 'select(.verb == "finish") | .state' | sort | uniq -c | xargs)" '4 done'
	assert_equal "$(booked | sort)" '["1","1"]
["2","2"]
["3","3"]
["4","4"]'
	assert_equal "$(asked telephony.externalCall.finish)" $((before + 4))
	# Nobody was sent away but by the other one at work.
	run sort -u one.err two.err
	[ -z "$output" ] || assert_output 'bx-call: flush: another flush is at work'
}

@test "many at once, each call in its order" {
	local n
	portal_off
	for n in 1 2 3 4 5 6 7 8; do
		register -t 0.2 --id "$n" >/dev/null || true
		bx-call -c "ext:$n" finish --duration "$n" >/dev/null || true
	done
	portal_on
	# The portal answers none of the first four before all of them are there.
	ctl latency telephony.externalCall.finish=1000:4 >/dev/null
	run --separate-stderr bx-call flush -j 4
	assert_success
	assert_equal "$(jq -r '[.EXTERNAL_CALL_ID, .verb, .state] | join(" ")' <<<"$output" | sort)" \
		"$(for n in 1 2 3 4 5 6 7 8; do printf '%s finish done\n%s register done\n' "$n" "$n"; done)"
	assert_equal "$(jq -r .EXTERNAL_CALL_ID <<<"$output" | sort | uniq -c | awk '{ print $1 }' | sort -u)" 2
	for n in 1 2 3 4 5 6 7 8; do
		assert_equal "$(jq -r --arg n "$n" 'select(.EXTERNAL_CALL_ID == $n).verb' <<<"$output" | xargs)" 'register finish'
	done
	assert_equal "$(booked | wc -l)" 8
	run --separate-stderr bx-call flush -j 0
	assert_failure 2
}

@test "a call that always fails stands in nobody's way" {
	local n
	portal_off
	for n in bad worse awful good; do
		register -t 0.2 --id "$n" >/dev/null || true
	done
	portal_on
	ctl fault telephony.externalCall.register=INTERNAL_SERVER_ERROR:4 >/dev/null
	run --separate-stderr bx-call flush -j 1 -t 0.3
	assert_failure 3
	run --separate-stderr bx-call flush
	assert_success
	assert_equal "$(jq -r '[.EXTERNAL_CALL_ID, .state] | join(" ")' <<<"$output" | sort | xargs)" \
		'awful done bad done good done worse done'
}

@test "a service delivers what comes, alone, and ends in peace" {
	portal_off
	id=$(register --id a | jq .id) || true
	mkfifo lines notes
	bx-call flush -f >lines 2>notes &
	pid=$!
	exec 8<lines 9<notes
	read -t 60 -r line <&9
	assert_regex "$line" '^bx-call: flush: demo: '
	run --separate-stderr bx-call flush
	assert_failure 3
	assert_equal "$stderr" 'bx-call: flush: another flush is at work'
	portal_on
	read -t 60 -r line <&8
	assert_equal "$(jq -c '[.id, .verb, .state]' <<<"$line")" "[$id,\"register\",\"done\"]"
	portal_off
	register --id b >/dev/null || true
	portal_on
	read -t 60 -r line <&8
	assert_equal "$(jq -c '[.EXTERNAL_CALL_ID, .verb, .state]' <<<"$line")" '["b","register","done"]'
	bx-call -c ext:a finish --duration 3 >/dev/null
	kill "$pid"
	wait "$pid" || [ $? = 143 ]
	exec 8<&- 9<&-
	run --separate-stderr bx-call flush
	assert_success
	assert_equal "$(booked)" '["a","3"]'
}

@test "a service that was killed leaves its calls to the next one" {
	portal_off
	register --id a >/dev/null || true
	bx-call -c ext:a finish --duration 4 >/dev/null || true
	portal_on
	ctl latency telephony.externalCall.register=60000:1 >/dev/null
	before=$(asked telephony.externalCall.register)
	bx-call flush -f >/dev/null 2>&1 &
	pid=$!
	for ((n = 0; n < 500; n++)); do
		[ "$(asked telephony.externalCall.register)" = "$before" ] || break
	done
	pkill -KILL -P "$pid"
	wait "$pid" || [ $? = 9 ]
	ctl clear >/dev/null
	run --separate-stderr bx-call flush
	assert_success
	assert_equal "$(booked)" '["a","4"]'
}

@test "a record that comes before the end of its call waits for it" {
	wav >a.wav
	register --id a >/dev/null
	run --separate-stderr bx-call -c ext:a record a.wav
	assert_failure 7
	run --separate-stderr bx-call -c ext:a finish --duration 5
	assert_success
	run bx-call outbox ls
	assert_output ''
	assert_equal "$(BX_SPOOL='' bx-call history | jq '.RECORD_FILE_ID > 0')" true
	portal_off
	register --id b >/dev/null || true
	bx-call -c ext:b record a.wav >/dev/null || true
	bx-call -c ext:b finish --duration 6 >/dev/null || true
	portal_on
	run --separate-stderr bx-call flush
	assert_success
	assert_equal "$(jq -r .verb <<<"$output" | xargs)" 'register finish record'
}

@test "a refused register takes nothing with it that waits behind it" {
	portal_off
	bx-call register --ext 101 --phone nothing --type in --id bad >/dev/null || true
	bx-call -c ext:bad finish --duration 1 >/dev/null || true
	portal_on
	run --separate-stderr bx-call register --ext 101 --phone nothing --type in --id bad
	assert_failure 1
	run bx-call outbox ls
	assert_equal "$(jq -r '[.verb, .state] | join(" ")' <<<"$output" | xargs)" 'register parked finish queued'
}

@test "a retry passes over what was delivered meanwhile" {
	portal_off
	one=$(register --id a | jq .id) || true
	two=$(register --id b | jq .id) || true
	run --separate-stderr bx-call outbox retry "$one" 99 "$two"
	assert_failure 5
	assert_equal "$(jq -c .id <<<"$output" | xargs)" "$one $two"
	assert_equal "$stderr" 'bx-call: outbox retry: the outbox has no item 99'
}

# A hook at a portal that swallows what it is sent.   swallowed NAME URL [COMMAND-TO-RUN-IT-IN...]
swallowed() {
	local name=$1 url=$2
	shift 2
	printf '%srest/1/abcdefabcdefabcd/\n' "$url" | bx-auth add "$name" --webhook
	run --separate-stderr timeout 60 "$@" bx-call -p "$name" -t 0.3 register --ext 101 --phone 5550123 --type in --id "$name"
	assert_failure 7
	assert_json '.queued'
	run --separate-stderr timeout 60 "$@" bx-call -p "$name" -t 0.3 -c "ext:$name" finish --duration 3
	assert_failure 7
	assert_equal "$(bx-call -p "$name" outbox ls | jq -r .verb | xargs)" 'register finish'
}

@test "a full listen backlog: the hook is queued" {
	start hole "$BX_BIN/../tests/tools/blackhole"
	swallowed backlog "http://$(jq -r .listening <<<"$FIRST")/"
	stop hole KILL
}

@test "packets that nobody gets: the hook is queued" {
	swallowed dropped https://192.0.2.1/ "$BX_ROOT/tests/dark"
}

@test "a resolver that does not answer: the hook is queued" {
	swallowed resolver https://portal.example/ "$BX_ROOT/tests/dark"
}

@test "pipes work also when nothing gets through" {
	portal_off
	run --separate-stderr bash -c "bx-call register --ext 101 --phone 5550123 --type in --id a | bx-call -c - finish --duration 5"
	assert_failure 7
	portal_on
	run --separate-stderr bx-call flush -j 1
	assert_success
	assert_equal "$(booked)" '["a","5"]'
}

@test "without spooling nothing is queued" {
	portal_off
	run --separate-stderr register --no-spool
	assert_failure 3
	BX_SPOOL=0 run --separate-stderr register
	assert_failure 3
	run --separate-stderr bx-call -n register --ext 101 --phone 5 --type in
	assert_success
	run bx-call outbox ls
	assert_output ''
}

@test "a profile is not removed while calls of it wait" {
	portal_off
	id=$(register --id a | jq .id) || true
	run --separate-stderr bx-auth rm demo
	assert_failure 2
	[[ $stderr == *"in the outbox of demo wait 1 requests"* ]] || fail "$stderr"
	bx-call outbox drop "$id" >/dev/null
	bx-auth rm demo
}

# The connection of the first step lives on, and a request on such a one is easily sent twice.
@test "a record whose answer is lost goes up once" {
	wav >a.wav
	register --id a >/dev/null
	bx-call -c ext:a finish --duration 5 >/dev/null
	ctl drop upload >/dev/null
	run --separate-stderr bx-call -c ext:a record a.wav
	assert_failure 7
	run --separate-stderr bx-call flush
	assert_success
	assert_json '.verb == "record" and .state == "done"'
	assert_equal "$(ctl dump | jq '.tables.files.rows | length')" 1
}

@test "on a terminal, a line of progress" {
	portal_off
	register -t 0.2 --id a >/dev/null || true
	register -t 0.2 --id b >/dev/null || true
	portal_on
	run script -qec 'bx-call flush -o json >lines' /dev/null
	assert_success
	[[ $output == *$'\r'"2 delivered, 0 left, 0 parked"* ]] || fail "$output"
	assert_equal "$(wc -l <lines)" 2
	run --separate-stderr bx-call flush
	assert_equal "$stderr" ''
}
