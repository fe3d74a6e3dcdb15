# Section 14: the sample exchanges, sent byte for byte. The portal is loaded with the people, the
# application and the tokens of the samples, so that little has to be put in their places.
load portal
load people
load ../wire/replay

WIRE=$BATS_TEST_DIRNAME/../wire/http

setup() {
	sample_portal
	wire_init "$ADDRESS" "$ADDRESS"
}
teardown() { bx_teardown; }

# again [OPTION...]: the portal begins anew
again() {
	stop sandbox
	sample_start "$@"
	wire_init "$ADDRESS" "$ADDRESS"
}

# sample FILE NAME [FILTER]: the answer is the sample's
sample() {
	wire_send "$WIRE/$1" "$2"
	wire_same "${3:-.}"
}

registered() {
	wire_learn "$SAMPLE_CALL"
	sample 14.04-register.http register
}

finished() {
	registered
	sample 14.06-finish.http finish
}

@test "14.1: binding the worker" {
	sample 14.01-bind.http bind
	sample 14.01-bind.http 'bind again'
	sample 14.01-bind.http 'bind through a webhook'
	sample 14.01-bind.http list
	sample 14.01-bind.http unbind
	sample 14.01-bind.http 'unbind again'
	sample 14.01-bind.http 'bind without options'
	sample 14.01-bind.http 'bind as a form'
	sample 14.01-bind.http list
}

@test "14.4: register and show" {
	registered
	sample 14.04-register.http show
	sample 14.04-register.http 'register for nobody'
	sample 14.04-register.http 'show an unknown call'
}

@test "14.6: finish" {
	finished
	sample 14.06-finish.http 'finish again'
}

@test "14.7: records" {
	registered
	sample 14.07-record.http 'record before finish'
	sample 14.06-finish.http finish
	sample 14.07-record.http record
	sample 14.07-record.http 'record, wrong extension'
	wire_learn 'https://crm.example.com/rest/upload.json?auth=a1f3c0de0001&token=telephony%7CbzRxdWU%7Cc2lnbg'
	sample 14.07-record.http 'ask where to upload'
	wire_know 'token=telephony%7CbzRxdWU%7Cc2lnbg' \
		"$(jq -r '.result.uploadUrl | split("&")[1]' <<<"$WIRE_GOT")"
	wire_pick "$WIRE/14.07-record.http" upload
	raw "$ADDRESS/rest/upload.json?$(jq -r '.result.uploadUrl | split("?")[1]' <<<"$WIRE_GOT")" \
		-H "$(printf '%s\n' "${WIRE_HEADERS[@]}" | grep Content-Type)" --data-binary @"$WIRE_TMP/body"
	assert_equal "$STATUS $BODY" '200 {"result":{"FILE_ID":6402}}'
}

@test "14.8: expired, refreshed, repeated" {
	registered
	world expire
	sample 14.08-refresh.http expired
	wire_learn a1f3c0de0002 b2e4d1ef0002 1785751200
	sample 14.08-refresh.http refresh
	sample 14.08-refresh.http repeat
	sample 14.08-refresh.http 'refresh with a used token'
}

@test "14.9: limits" {
	local i
	again --limit 50:2 --operating 480
	world clock '{"move":"freeze"}'
	world latency '{"latency":"telephony.externalCall.register=480001","counted":true}'
	register '{"USER_ID":12}'
	sample 14.09-limits.http 'operation time used up'
	raw $(for ((i = 3; i <= 50; i++)); do printf '%s ' "$ADDRESS/rest/server.time?auth=$TOKEN"; done)
	sample 14.09-limits.http 'one call too many'
	world clock '{"move":"+1"}'
	call server.time
	granted
}

@test "14.10: the registration has gone, and is bound again" {
	wire_know a1f3c0de0002 "$TOKEN"
	sample 14.10-slow.http list
	sample 14.10-slow.http 'bind again'
}

# The four keys the samples show of a user.
SHORT='(.result.result | if type == "array" then [0] else ["me"] end) as $p
	| (.result.result | getpath($p) | {ID, ACTIVE, NAME, LAST_NAME}) as $short | .result.result |= setpath($p; $short)'

@test "14.12: batches" {
	local name
	sample_change '.tables.contacts.rows = []'
	for name in batch 'batch, halting' 'batch as a list' 'batch as a form'; do
		again
		wire_learn externalCall.7e52402abc4b2a76b9719d911017c592.1785744060
		sample 14.12-batch.http "$name" "$SHORT"
	done
}

@test "14.13: address change" {
	again --domain https://old.example.com
	world move '{"host":"crm.example.com"}'
	raw "$ADDRESS/rest/server.time" -H 'Host: old.example.com' -H 'Content-Type: application/json' -d '{"auth":"a1f3c0de0001"}'
	assert_equal "$STATUS $(header Location)" '302 https://crm.example.com/rest/server.time'
	raw "$ADDRESS/rest/server.time" -H 'Host: crm.example.com' -d auth=a1f3c0de0001
	granted
}

@test "14.14: first authorisation" {
	wire_send "$WIRE/14.14-authorize.http" authorize
	assert_equal "$WIRE_CODE" 302
	run -0 sed -n 's/^Location: \(.*\)\r$/\1/p' "$WIRE_TMP/headers"
	assert_regex "$output" '^https://app.example.net/oauth\?code=[0-9a-f]+&state=x9&domain=crm.example.com&member_id=0f1e2d3c4b5a69788796a5b4c3d2e1f0&scope=placement%2Ctelephony%2Cuser_basic&server_domain=oauth.example.org$'
	wire_know c0de55 "$(sed 's/.*code=\([^&]*\)&.*/\1/' <<<"$output")"
	wire_learn a1f3c0de0002 b2e4d1ef0002 1785751200
	sample 14.14-authorize.http exchange
}

# What the portal posted, with the sample's values where new ones are made.
same_post() {
	wire_pick "$WIRE/$1" "$2"
	local want got script='s/(access_token%5D=)[^&]*/\1A/; s/(refresh_token%5D=)[^&]*/\1R/; s/([&]ts=)[0-9]*/\1T/
		s/(expires%5D=)[0-9]*/\1E/; s/event_handler_id=[0-9]*/event_handler_id=N/; s/externalCall[^&]*/CALL/
		s/(application_token%5D=)[^&]*/\1P/; s/(ACTIVITY_ID%5D=)[0-9]+/\1A/'
	want=$(sed -E "$script" <"$WIRE_TMP/body")
	got=$(jq -r '.[0].body' <<<"$POSTS" | sed -E "$script")
	assert_equal "$got" "$want"
	assert_equal "$(jq -r '.[0] | .method + " " + .headers["Content-Type"]' <<<"$POSTS")" \
		'POST application/x-www-form-urlencoded'
}

@test "14.6: the event of the end" {
	sample_change '.tables.apps.rows[0].scope = ["placement", "telephony"]'
	wire_init "$ADDRESS" "$ADDRESS"
	call event.bind "{\"event\":\"OnVoximplantCallEnd\",\"handler\":\"$SINK/events\"}"
	granted
	finished
	posts events
	got 'length == 1'
	same_post 14.06-finish.http event
}

@test "14.10: the notice of a deletion" {
	local i
	call placement.bind "{\"PLACEMENT\":\"PAGE_BACKGROUND_WORKER\",\"HANDLER\":\"$SINK/worker\",\"OPTIONS\":{\"errorHandlerUrl\":\"$SINK/error\"}}"
	for ((i = 0; i < 11; i++)); do
		world load '{"registration":1,"ms":5001}'
	done
	posts error
	got 'length == 1'
	same_post 14.10-slow.http notice
}

@test "14.11: installation and removal" {
	sample_change '.tables.apps.rows[0] |= . + {ADDED: false, INSTALLED: false}'
	wire_init "$ADDRESS" "$ADDRESS"
	world install "{\"install_url\":\"$SINK/install\"}"
	posts install
	got 'length == 1'
	same_post 14.11-install.http install
	call event.bind "{\"event\":\"OnAppUninstall\",\"handler\":\"$SINK/events\"}"
	granted
	world uninstall '{"clean":true}'
	posts events
	got 'length == 1'
	POSTS=$(jq '.[0].body |= sub("event_handler_id=[0-9]+&"; "")' <<<"$POSTS")
	same_post 14.11-install.http uninstall
}
