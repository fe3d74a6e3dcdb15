# bx-rest: one call, lists, batches; limits, faults and addresses.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "a call prints its result, with --envelope the whole answer" {
	client_portal
	run bx-rest profile
	assert_success
	assert_json '.ID == "1" and .ADMIN == true'
	run bx-rest --envelope user.get 'FILTER[UF_PHONE_INNER]=102'
	assert_json '.total == 1 and .result[0].UF_PHONE_INNER == "102" and .time != null'
	run bx-rest user.get 'FILTER:={"ID":[1,2]}' 'order=DESC' 'sort=ID'
	assert_json 'length == 2'
	run bx-rest user.get - <<<'{"FILTER":{"ID":3}}'
	assert_json '.[0].ID == "3"'
}

@test "a webhook calls by its own address" {
	client_portal
	portal_webhook hook >/dev/null
	run bx-rest -p hook profile
	assert_json '.ID == "1"'
	run --separate-stderr bx-rest -p hook placement.get
	assert_failure 4
	[[ $stderr == "bx-rest: call: WRONG_AUTH_TYPE: "*"(HTTP 403)" ]]
}

@test "GnuTLS, which libcurl brings along, is not started by the tools that only call" {
	for tool in bx-rest bx-auth bx-bind bx-call; do
		GNUTLS_DEBUG_LEVEL=3 run --separate-stderr "$tool" --version
		assert_success
		assert_equal "$stderr" ""
	done
	# That it would be heard of.
	GNUTLS_DEBUG_LEVEL=3 run --separate-stderr bx-serve --version
	assert_success
	[[ $stderr == *gnutls* ]]
}

@test "refusals carry the portal's words, and never refresh" {
	client_portal
	run --separate-stderr bx-rest no.such.method
	assert_failure 1
	assert_equal "$stderr" "bx-rest: call: ERROR_METHOD_NOT_FOUND: Method not found! (HTTP 404)"
	BX_ERRORS=json run --separate-stderr bx-rest telephony.externalCall.register USER_ID=1 TYPE=2
	assert_failure 1
	jq -e '.tool == "bx-rest" and .error == "ERROR_CORE" and .http == 400 and .exit == 1' <<<"$stderr"
	ctl fault 'profile=insufficient_scope' >/dev/null
	run --separate-stderr bx-rest profile
	assert_failure 4
	assert_equal "$(asked oauth)" 1
}

@test "a file goes up by the address that a first call gives" {
	client_portal
	call=$(bx-rest telephony.externalCall.register USER_ID=1 PHONE_NUMBER=5550199 TYPE=2 SHOW=0 | jq -r .CALL_ID)
	bx-rest telephony.externalCall.finish CALL_ID="$call" USER_ID=1 DURATION=5 >/dev/null
	printf 'RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0talktalk' >a.wav
	run --separate-stderr bx-rest --upload a.wav telephony.externalCall.attachRecord CALL_ID="$call" FILENAME=b.wav
	assert_success
	assert_json '.FILE_ID | type == "number"'
	assert_equal "$(ctl dump | jq -r '.. | objects | select(.name? == "b.wav") | .size')" 52
	run --separate-stderr bx-rest --upload a.wav server.time
	assert_failure 1
	assert_equal "$stderr" "bx-rest: call: the portal's answer tells no address to upload to"
	run --separate-stderr bx-rest --upload missing.wav telephony.externalCall.attachRecord CALL_ID="$call"
	assert_failure 2
	assert_equal "$stderr" "bx-rest: call: missing.wav: No such file or directory"
}

@test "usage: nothing is sent" {
	client_portal
	before=$(ctl log | wc -l)
	run --separate-stderr bx-rest
	assert_failure 2
	run --separate-stderr bx-rest 'a b'
	assert_failure 2
	run --separate-stderr bx-rest profile nonsense
	assert_failure 2
	run --separate-stderr bx-rest profile 'a:={'
	assert_failure 2
	run --separate-stderr bx-rest profile auth=x
	assert_failure 2
	head -c 17000000 /dev/zero | tr '\0' x >big
	printf 'a\0b' >binary
	printf '\xcf\xf0\xe8' >cp1251
	for file in big binary cp1251 . missing; do
		run --separate-stderr bx-rest profile "a@$file"
		assert_failure 2
	done
	for text in $'\xcf\xf0' $'\xed\xa0\x80' $'\xc0\xaf' $'\xf4\x90\x80\x80'; do
		run --separate-stderr bx-rest profile "a=$text"
		assert_failure 2
		[[ $stderr == *"a: the text is not UTF-8"* ]] || fail "$stderr"
	done
	run --separate-stderr bx-rest --upload . profile
	assert_failure 2
	run --separate-stderr bx-rest -p nobody profile
	assert_failure 5
	run --separate-stderr bx-rest -n profile a=1
	assert_success
	assert_json ".url == \"$SANDBOX/rest/profile\" and .body.a == \"1\" and (.body.auth | endswith(\"…\"))"
	assert_equal "$(ctl log | wc -l)" "$before"
}

@test "a stopped portal is status 3 with a clear line" {
	client_portal
	stop sandbox
	run --separate-stderr bx-rest profile
	assert_failure 3
	assert_equal "$stderr" "bx-rest: call: $DOMAIN cannot be reached: Connection refused"
}

@test "an expired token is refreshed once and the call made again" {
	client_portal
	ctl expire >/dev/null
	run bx-rest profile
	assert_success
	run bx-rest profile
	assert_success
	assert_equal "$(asked oauth)" 2
	assert_equal "$(asked profile)" 3
}

@test "what may have been executed is repeated only if it is safe" {
	client_portal
	for fault in drop half garbage html empty; do
		ctl fault "server.time=$fault" >/dev/null
		run --separate-stderr bx-rest server.time
		assert_success
		ctl fault "telephony.externalLine.add=$fault" >/dev/null
		run --separate-stderr bx-rest telephony.externalLine.add "NUMBER=$fault"
		assert_failure 8
		[[ $stderr == *"it may have been done all the same"* ]]
	done
	assert_equal "$(asked server.time)" 10
	assert_equal "$(asked telephony.externalLine.add)" 5
	run bx-rest telephony.externalLine.get
	assert_json 'length >= 5'
	ctl fault 'telephony.externalLine.add=INTERNAL_SERVER_ERROR' --status 500 >/dev/null
	run --separate-stderr bx-rest telephony.externalLine.add NUMBER=500
	assert_failure 8
	ctl fault 'telephony.externalLine.add=INTERNAL_SERVER_ERROR' --status 500 >/dev/null
	run --separate-stderr bx-rest --safe telephony.externalLine.add NUMBER=501
	assert_success
}

@test "a list streams every page" {
	client_portal
	ctl limit off >/dev/null
	bx-auth set demo --limit 10000:1000 >/dev/null
	for i in $(seq 120); do
		printf '{"method":"telephony.externalCall.register","params":{"USER_ID":1,"PHONE_NUMBER":"+1555%07d","TYPE":2,"SHOW":0}}\n' "$i"
	done | bx-rest batch | jq -c '{method:"telephony.externalCall.finish",params:{CALL_ID:.result.CALL_ID,USER_ID:1,DURATION:1}}' |
		bx-rest batch >finished
	assert_equal "$(jq -r .result.CALL_DURATION finished | sort | uniq -c | tr -d ' ')" 1201
	run bx-rest list voximplant.statistic.get SORT=ID ORDER=ASC
	assert_success
	assert_equal "${#lines[@]}" 120
	assert_equal "$(jq -r .ID <<<"${lines[119]}")" 120
	assert_equal "$(asked voximplant.statistic.get)" 3
	# Without an order of one's own it goes by the last ID, and the portal need not count.
	run bx-rest list voximplant.statistic.get 'FILTER[CALL_DURATION]=1'
	assert_equal "$(printf '%s\n' "${lines[@]}" | jq -r .ID | tr '\n' ' ')" "$(seq -s ' ' 120) "
	assert_equal "$(asked voximplant.statistic.get)" 6
	assert_equal "$(ctl log | jq -c 'select(.path // "" | endswith("statistic.get")) | .body | fromjson | .FILTER[">ID"] // empty' | tr '\n' ' ')" '"50" "100" '
	run bx-rest list --limit 60 voximplant.statistic.get
	assert_equal "${#lines[@]}" 60
	assert_equal "$(asked voximplant.statistic.get)" 8
	run --separate-stderr bx-rest list profile
	assert_failure 2
	[[ $stderr == *"does not give a list"* ]]
}

@test "a batch of ten thousand: in order, fifty a request, errors kept apart" {
	client_portal
	ctl limit off >/dev/null
	bx-auth set demo --limit 10000:1000 >/dev/null
	jq -nc 'range(10000) | {id: "c\(.)"} + if . % 33 == 0 then {method: "no.such.method"}
		else {method: "user.get", params: {FILTER: {ID: (. % 5 + 1)}}} end' >commands
	usage=$BX_BIN/../tests/tools/usage
	"$usage" ten bx-rest batch <commands >out 2>err && fail "failures are no success" || assert_equal $? 1
	assert_equal "$(cat err)" "bx-rest: batch: 304 commands failed"
	cmp <(jq -r .id out) <(jq -r .id commands)
	assert_equal "$(jq -r 'select(.error == "ERROR_METHOD_NOT_FOUND") | .id' out | wc -l)" 304
	assert_equal "$(jq -r 'select(.result) | (.id[1:] | tonumber % 5 + 1 | tostring) == .result[0].ID' out | sort -u)" true
	assert_equal "$(asked batch)" 200
	# Ten times the commands take no more memory; a sanitizer keeps what was freed.
	"$usage" one bx-rest batch < <(head -n 1000 commands) >/dev/null 2>&1 || true
	ldd "$BX_BIN/bx-rest" | grep -q libasan || assert [ "$(cut -d' ' -f3 ten)" -le $(($(cut -d' ' -f3 one) * 12 / 10)) ]
}

@test "a batch keeps references together" {
	client_portal
	{
		for i in $(seq 49); do echo '{"method":"server.time"}'; done
		echo '{"id":"me","method":"profile"}'
		echo '{"id":"same","method":"user.get","params":{"FILTER":{"ID":"$result[me][ID]"}}}'
	} >commands
	run --separate-stderr bx-rest batch <commands
	assert_success
	assert_json '.id == "same" and .result[0].ID == "1"'
	assert_equal "$(asked batch)" 2
	{
		echo '{"id":"me","method":"profile"}'
		for i in $(seq 49); do echo '{"method":"server.time"}'; done
		echo '{"id":"far","method":"user.get","params":{"FILTER":{"ID":"$result[me][ID]"}}}'
	} >commands
	run --separate-stderr bx-rest batch <commands
	assert_failure 2
	[[ $stderr == *"command 51 refers to 'me'"* ]]
	run --separate-stderr bx-rest batch <<<'{"method":"user.get","params":{"A":"$result[none]"}}'
	assert_failure 2
	assert_equal "$stderr" "bx-rest: batch: command 1 refers to 'none', which is the id of none of the 49 commands before it"
}

@test "a batch halts and says what did not run" {
	client_portal
	printf '%s\n' '{"id":1,"method":"profile"}' '{"id":2,"method":"nope"}' '{"id":3,"method":"profile"}' >commands
	run --separate-stderr bx-rest batch --halt <commands
	assert_failure 1
	assert_json '.id == 3 and .skipped'
	[[ $stderr == *"1 commands failed; 1 did not run"* ]]
	run --separate-stderr bx-rest batch <<<'{"method":"batch"}'
	assert_failure 2
	run --separate-stderr bx-rest batch <<<'nonsense'
	assert_failure 2
}

@test "a dry run of a batch prints the requests, and refuses what the batch would" {
	client_portal
	before=$(ctl log | wc -l)
	jq -nc 'range(120) | {id: "c\(.)", method: "user.get", params: {FILTER: {ID: .}}}' >commands
	run --separate-stderr bx-rest -n batch --halt <commands
	assert_success
	assert_equal "$(jq -c '[.method, (.body.cmd | length), .body.halt, (.body.auth | endswith("…"))]' <<<"$output" | tr '\n' ' ')" \
		'["POST",50,1,true] ["POST",50,1,true] ["POST",20,1,true] '
	assert_json ".url == \"$SANDBOX/rest/batch\" and .body.cmd.c119 == \"user.get?FILTER%5BID%5D=119\""
	for line in nonsense '{"method":"batch"}' '{"id":1}' '{"method":"profile","params":[]}' \
		'{"method":"profile","params":{"A":"$result[far]"}}'; do
		run --separate-stderr bx-rest -n batch <<<"$line"
		assert_failure 2
		assert_equal "$output" ''
	done
	assert_equal "$(ctl log | wc -l)" "$before"
}

@test "without room in the limit the timeout is status 3" {
	client_portal
	bx-auth set demo --limit 1:0.01 >/dev/null
	bx-rest -t 5 server.time
	run --separate-stderr bx-rest -t 5 server.time
	assert_failure 3
	[[ $stderr == *"takes no more calls"* ]]
}

@test "the portal moves, and the call follows once the authorization server agrees" {
	client_portal
	new=localhost:${DOMAIN#*:}
	ctl move "$new" >/dev/null
	run --separate-stderr bx-rest user.get 'FILTER[ID]=2'
	assert_success
	assert_json '.[0].ID == "2"'
	[[ $stderr == *"demo has moved to $new"* ]]
	run bx-auth show demo
	assert_json ".domain == \"$new\" and .client_endpoint == \"http://$new/rest/\""
	run --separate-stderr bx-rest profile
	assert_success
	assert_equal "$stderr" ''
	assert_equal "$(asked oauth)" 2
}

@test "a webhook's portal that moves is told of, and nothing is sent to the new place" {
	client_portal
	portal_webhook hook >/dev/null
	ctl move "localhost:${DOMAIN#*:}" >/dev/null
	run --separate-stderr bx-rest -p hook profile
	assert_failure 1
	[[ $stderr == *"nothing was sent there"*"bx-auth set hook --webhook"* ]]
	assert_equal "$(asked profile)" 1
}
