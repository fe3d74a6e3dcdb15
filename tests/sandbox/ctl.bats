# bx-sandbox itself: its start, its state, and ctl.
load portal

setup() { portal; }
teardown() { bx_teardown; }

@test "one line says where it is and how to get in" {
	run -0 jq -e '(.listening | test("^127.0.0.1:[0-9]+$")) and .domain == .listening and .portal == "http://" + .domain
		and .auth_server == .portal and (.member_id | test("^[0-9a-f]{32}$")) and (.app.client_id | test("^local\\.")) and .app.id == 3
		and (.webhook | startswith("http://127.0.0.1")) and ([.users[].inner] == ["101","102","103","104","105"])
		and .users[0].page == .portal + "/page/1"' <<<"$SANDBOX_INFO"
	assert_equal "$(wc -l <sandbox.out)" 1
}

@test "verbs of ctl are posts" {
	export BX_SANDBOX=$ADDRESS
	run --separate-stderr bx-sandbox ctl token --user 2
	assert_success
	TOKEN=$(field .access_token)
	call user.current
	granted '.result.ID == "2"'
	run --separate-stderr bx-sandbox ctl users
	assert_success
	assert_equal "${#lines[@]}" 5
	run --separate-stderr bx-sandbox ctl user --id 2 NAME=Thomas ACTIVE:=false
	assert_success
	assert_json '.NAME == "Thomas" and .ACTIVE == false'
	run --separate-stderr bx-sandbox ctl fault server.time=OVERLOAD_LIMIT:2
	assert_success
	refute_output
	hook server.time
	refused 503 OVERLOAD_LIMIT
	run --separate-stderr bx-sandbox ctl dump
	assert_json '.tables.users.rows | length == 5'
}

@test "the server counts what it is asked" {
	world figures
	local before
	before=$(jq .requests <<<"$WORLD")
	call server.time
	world figures
	assert_equal "$(jq .requests <<<"$WORLD")" $((before + 2))
}

@test "what ctl is refused, and what it would send" {
	run --separate-stderr bx-sandbox ctl fault --url "$ADDRESS" server.time=NOTHING
	assert_failure 2
	assert_equal "$stderr" "bx-sandbox: ctl fault: 'NOTHING' is no error of the portal and no broken transport"
	run --separate-stderr bx-sandbox ctl user --url "$ADDRESS" --id 99
	assert_failure 5
	run --separate-stderr bx-sandbox ctl install --url "$ADDRESS"
	assert_failure 1
	run --separate-stderr bx-sandbox ctl dial --url "$ADDRESS" 123
	assert_failure 5
	run --separate-stderr env -u BX_SANDBOX bx-sandbox ctl users
	assert_failure 2
	run --separate-stderr bx-sandbox ctl users --url http://127.0.0.1:1
	assert_failure 3
	run --separate-stderr bx-sandbox ctl fault
	assert_failure 2
	run --separate-stderr bx-sandbox -n ctl dial --url "$ADDRESS" --user 2 5550
	assert_success
	assert_output "{\"url\":\"$ADDRESS/sandbox/dial\",\"body\":{\"user\":2,\"number\":\"5550\"}}"
}

@test "options that are wrong" {
	local wrong
	for wrong in '--limit 5' '--limit 0:1' '--slow-ms x' '--variant nothing' '--listen nowhere' '--load /nothing' \
		'--tls-cert x' '--keep 0' 'extra' '--event-delay -1'; do
		run --separate-stderr bx-sandbox $wrong
		[ "$status" = 2 ] || [ "$status" = 9 ] || fail "$wrong: $status"
		refute_output
		assert [ -n "$stderr" ]
	done
	echo '{"tables":{"users":7}}' >bad.json
	run --separate-stderr bx-sandbox --load bad.json
	assert_failure 2
	echo 'nonsense' >bad.json
	run --separate-stderr bx-sandbox --load bad.json
	assert_failure 2
}

@test "a state is dumped, loaded and kept" {
	register
	world dump
	echo "$WORLD" >dump.json
	stop sandbox
	sandbox_start --load dump.json
	ADDRESS=$SANDBOX
	call telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == true'
	stop sandbox
	mkdir kept
	sandbox_start --state kept --load dump.json
	ADDRESS=$SANDBOX
	finish
	granted '.result.ID == 1'
	stop sandbox
	assert_equal "$(stat -c %a kept/portal.json)" 600
	sandbox_start --state kept
	ADDRESS=$SANDBOX
	call voximplant.statistic.get
	granted ".result[0].CALL_ID == \"$CALL\""
	register && finish
	granted '.result.ID == 2'
}

@test "a state that does not fit is refused, and nothing is lost" {
	call telephony.externalLine.add '{"NUMBER":"100"}'
	raw "$ADDRESS/sandbox/restore" -H 'Content-Type: application/json' \
		-d '{"tables":{"lines":{"rows":[]},"tokens":{"rows":[{"token":"x"}]}}}'
	assert_equal "$STATUS $(jq -r .error <<<"$BODY")" '400 table tokens: a row without the text kind'
	call telephony.externalLine.get
	granted '.result | length == 1'
}

@test "restore goes back" {
	world dump
	local before=$WORLD
	register
	world restore "$before"
	call telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == false'
}

@test "the log has requests as received, secrets made unreadable on request" {
	register '{"EXTERNAL_CALL_ID":"seen"}'
	raw "$ADDRESS/oauth/token/?grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=nonsense"
	world log
	jq -e --arg t "$TOKEN" --arg s "$SECRET" '[.[] | select(.kind == "rest")][-1] | .method == "POST" and .path == "/rest/telephony.externalCall.register"
		and .headers["Content-Type"] == "application/json" and (.body | contains($t)) and .status == 200' <<<"$WORLD"
	jq -e --arg s "$SECRET" '.[-1] | .kind == "oauth" and .status == 400 and .error == "invalid_grant" and (.query | contains($s))' <<<"$WORLD"
	world log '{"mask":true}'
	jq -e '[.[] | select(.kind == "rest")][-1].body | contains("seen")' <<<"$WORLD"
	refute grep -qe "$TOKEN" -e "$SECRET" -e "$(basename "$HOOK")" <<<"$WORLD"
	world log "{\"since\":$(jq '.[-2].seq' <<<"$WORLD")}"
	assert_equal "$(jq length <<<"$WORLD")" 1
}

@test "the names the portal goes by" {
	stop sandbox
	sandbox_start --domain https://crm.example.com:8443 --auth-server https://oauth.example.org
	jq -e '.portal == "https://crm.example.com:8443" and .domain == "crm.example.com:8443" and .auth_server == "https://oauth.example.org"' <<<"$SANDBOX_INFO"
}

@test "https with a certificate" {
	stop sandbox
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	sandbox_start --tls-cert cert.pem --tls-key key.pem --require-https
	assert_regex "$SANDBOX" '^https://'
	raw --cacert cert.pem "$(jq -r .webhook <<<"$SANDBOX_INFO")server.time"
	granted
	STATUS=
	raw "${SANDBOX/https/http}/rest/server.time" || true
	refute [ "$STATUS" = 200 ]
}
