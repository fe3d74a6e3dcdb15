# The flows in tests/flows, with a PBX that speaks to them as a real one does.
load lib
load client
load pbx

setup() {
	bx_setup
	export RECORDS=$PWD BX_ROOT
	NOW=$(date +%s)
	: >pbx.console
}
teardown() { bx_teardown; }

rows() { bx-call history | jq -c '[.EXTERNAL_CALL_ID, .PORTAL_USER_ID, .CALL_TYPE, .CALL_DURATION, .CALL_FAILED_CODE]'; }
quiet() { [ ! -s pbx.console ] || fail "$(cat pbx.console)"; }

@test "bx.agi: a call comes in, is answered and recorded" {
	client_portal
	# The record follows in the background; this tells when it is through.
	mkfifo through
	mkdir bin
	printf '%s\n' '#!/bin/sh' '"$@"' "echo \$? >'$PWD/through'" >bin/nohup
	chmod +x bin/nohup
	PATH=$PWD/bin:$PATH
	{ printf 'RIFF\044\0\0\0WAVEfmt \020\0\0\0\001\0\001\0@\037\0\0@\037\0\0\001\0\b\0data\0\0\0\0'; } >"$NOW.1.wav"
	agi ring "$NOW.1" 15550100 101
	run bx-call -c "ext:$NOW.1" -n show
	assert_success
	agi hangup "$NOW.1" 15550100 h DIALSTATUS=ANSWER ANSWEREDTIME=95
	assert_equal "$(rows)" "[\"$NOW.1\",\"1\",\"2\",\"95\",\"200\"]"
	read -r status <through
	assert_equal "$status" 0
	assert_equal "$(bx-call history | jq '.RECORD_FILE_ID | type')" '"number"'
	assert_equal "$(bx-call history | jq -r '.CALL_START_DATE | sub("[+].*"; "Z") | fromdate - 10800')" "$NOW"
	quiet
}

@test "bx.agi: calls out, missed and busy ones, and what Asterisk says again" {
	client_portal
	agi dial "$NOW.1" 101 15550100
	agi hangup "$NOW.1" 101 h DIALSTATUS=BUSY
	agi ring "$NOW.2" 15550100 102
	agi ring "$NOW.2" 15550100 102
	agi hangup "$NOW.2" 15550100 h DIALSTATUS=NOANSWER ANSWEREDTIME=
	agi hangup "$NOW.2" 15550100 h DIALSTATUS=NOANSWER ANSWEREDTIME=
	assert_equal "$(rows)" "[\"$NOW.1\",\"1\",\"1\",\"0\",\"486\"]
[\"$NOW.2\",\"2\",\"2\",\"0\",\"304\"]"
	quiet
	# A caller without a number is no call for the portal, and Asterisk's console says why.
	agi ring "$NOW.3" unknown 101
	grep -q 'VERBOSE "bx-call: register: .*Unsupported phone number format' pbx.console
}

@test "two calls of one caller to one operator within a minute stay two, one id is one" {
	client_portal
	agi ring "$NOW.1" 15550100 101
	agi ring "$NOW.2" 15550100 101
	agi ring "$NOW.1" 15550100 101
	agi hangup "$NOW.1" 15550100 h
	agi hangup "$NOW.2" 15550100 h DIALSTATUS=ANSWER ANSWEREDTIME=7
	assert_equal "$(rows)" "[\"$NOW.1\",\"1\",\"2\",\"0\",\"304\"]
[\"$NOW.2\",\"1\",\"2\",\"7\",\"200\"]"
	assert_equal "$(bx-call history | jq -s 'map(.CALL_ID) | unique | length')" 2
	quiet
}

@test "bx.agi: no call waits for a portal that is away" {
	client_portal
	stop sandbox
	agi ring "$NOW.1" 15550100 101
	agi hangup "$NOW.1" 15550100 h DIALSTATUS=ANSWER ANSWEREDTIME=7
	assert_equal "$(bx-call outbox ls | jq -r .verb | tr '\n' ' ')" 'register finish '
	quiet
}

@test "missed.sh: nobody answers, or one does" {
	client_portal
	run --separate-stderr "$BX_ROOT/tests/flows/missed.sh" <<-END
		ring a 15550100 1 2 3
		ring b 15550111 2 3
		answer b 3
		hangup a 0
		hangup b 42
	END
	assert_success
	assert_equal "$stderr" ''
	assert_output 15550100
	assert_equal "$(rows)" '["a","1","2","0","304"]
["b","3","2","42","200"]'
	assert_equal "$(ctl log | jq -c 'select(.path // "" | endswith(".hide")) | .body | fromjson | .USER_ID')" '[2]
[2,3]'
}

# The Asterisk of the click: its command line, and the dialplan that runs then.
asterisk_starts() {
	mkdir bin
	cat >bin/asterisk <<-'END'
		#!/usr/bin/env bash
		. "$BX_ROOT/tests/pbx.bash"
		echo "$2" >originated
		[ ! -e down ] || exit 1
		read -r _ _ local _ extension <<<"$2"
		operator=${local#Local/} operator=${operator%@*} number=${extension%@*}
		id=$(date +%s).77
		agi dial "$id" "$operator" "$number"
		agi hangup "$id" "$operator" h DIALSTATUS=ANSWER ANSWEREDTIME=12
	END
	chmod +x bin/asterisk
	PATH=$PWD/bin:$PATH
}

@test "click.sh: a click, the PBX, and one call in the statistics" {
	asterisk_starts
	whole_portal --on "ONEXTERNALCALLSTART=$BX_ROOT/tests/flows/click.sh"
	id=$(ctl dial --user 2 '+1 (555) 010-0199' | jq -r .CALL_ID)
	bx-card -c "$id" -t 20 wait ONVOXIMPLANTCALLEND >/dev/null
	assert_equal "$(cat originated)" 'channel originate Local/102@operators extension +15550100199@outgoing'
	run bx-call history
	assert_equal "${#lines[@]}" 1
	assert_json ".CALL_ID == \"$id\" and .CALL_DURATION == \"12\" and .PORTAL_USER_ID == \"2\" and .CALL_TYPE == \"1\""
	assert_equal "$(asked telephony.externalCall.register)" 0
	quiet
}

@test "click.sh: a PBX that is down ends the call" {
	asterisk_starts
	touch down
	whole_portal --on "ONEXTERNALCALLSTART=$BX_ROOT/tests/flows/click.sh"
	id=$(ctl dial --user 1 5550100 | jq -r .CALL_ID)
	bx-card -c "$id" -t 20 wait ONVOXIMPLANTCALLEND >/dev/null
	run bx-call history
	assert_json ".CALL_ID == \"$id\" and .CALL_FAILED_CODE == \"480\""
}
