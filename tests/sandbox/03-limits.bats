# Section 3: request rate and operation time. The clock stands still, so that every count is exact.
load portal

setup() {
	portal
	world clock '{"move":"freeze"}'
}
teardown() { bx_teardown; }

# times N: server.time that often; the statuses in order are in SEEN
times() {
	local i urls=()
	for ((i = 0; i < $1; i++)); do
		urls+=("$ADDRESS/rest/server.time?auth=$TOKEN")
	done
	SEEN=$(printf 'url=%s\noutput=/dev/null\n' "${urls[@]}" | curl -sS -K - -w '%{http_code}\n')
}

ups() { grep -c '^200$' <<<"$SEEN"; }

@test "3.1: X requests at once, then Y a second" {
	world limit '{"limit":"50:2"}'
	times 60
	assert_equal "$(ups)" 50
	assert_equal "$(head -n 50 <<<"$SEEN" | sort -u)" 200
	call server.time
	refused 503 QUERY_LIMIT_EXCEEDED 'Too many requests'
	world clock '{"move":"+1"}'
	times 5
	assert_equal "$(ups)" 2
	world clock '{"move":"+3600"}'
	token
	times 60
	assert_equal "$(ups)" 50
	world limit '{"limit":"250:5"}'
	times 260
	assert_equal "$(ups)" 250
	world limit '{"limit":"off"}'
	times 300
	assert_equal "$(ups)" 300
}

@test "3.1: every source has a bucket of its own, whatever it calls with" {
	world limit '{"limit":"2:1"}'
	call server.time
	hook server.time
	granted
	hook server.time
	refused 503 QUERY_LIMIT_EXCEEDED
	raw --interface 127.0.0.3 "$ADDRESS/rest/server.time?auth=$TOKEN"
	granted
	call server.time
	refused 503 QUERY_LIMIT_EXCEEDED
}

@test "3.1: the limit stands before all other checks, a batch is one request, tokens are not counted" {
	world limit '{"limit":"3:1"}'
	call batch '{"cmd":["server.time","server.time","server.time","server.time","server.time"]}'
	granted '.result.result | length == 5'
	raw "$ADDRESS/oauth/token/?grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$REFRESH"
	assert_equal "$STATUS" 200
	call server.time
	hook server.time
	granted
	raw "$ADDRESS/rest/no.such.method"
	refused 503 QUERY_LIMIT_EXCEEDED
}

# slow MS: server.time takes that long, as far as the account goes
slow() {
	world latency "{\"latency\":\"server.time=$1\",\"counted\":true}"
	call server.time
	granted
}

@test "3.2: operation time adds up, and drops out after ten minutes" {
	local now
	world limit '{"operating":480000}'
	slow 100
	is '.time.operating == 0'
	slow 101
	is '.time.operating == 0.101' '.time.processing == 0'
	now=$(jq .time.start <<<"$BODY")
	world clock '{"move":"+120"}'
	slow 300000
	is '.time.operating == 300.101' ".time.operating_reset_at == $now + 600" '.time.processing == 300'
	slow 179899
	is '.time.operating == 480'
	slow 200000
	is '.time.operating == 680'
	call server.time
	refused 429 OPERATION_TIME_LIMIT 'Method is blocked due to operation time limit.'
	call app.info
	granted '.time.operating == 0'
	hook server.time
	granted '.time.operating == 0'
	world clock '{"move":"+599"}'
	call server.time
	refused 429 OPERATION_TIME_LIMIT
	world clock '{"move":"+1"}'
	token
	call server.time
	granted '.time.operating == 0'
}

@test "3.2: items of a batch are counted and refused one by one" {
	world limit '{"operating":1000}'
	world latency '{"latency":"server.time=1500","counted":true}'
	call batch '{"cmd":{"a":"server.time","b":"server.time","c":"app.info"}}'
	granted '.result.result | keys == ["a","c"]' '.result.result_time.a.operating == 1.5' \
		'.result.result_error.b.error == "OPERATION_TIME_LIMIT"' '.time.operating == 0'
}

@test "3.3: a call that takes too long is executed and cut off" {
	world limit '{"duration":20}'
	world latency '{"latency":"telephony.externalCall.register=3600000"}'
	run ! call telephony.externalCall.register '{"USER_ID":1,"PHONE_NUMBER":"1","TYPE":1,"SHOW":0}'
	world dump
	assert_equal "$(jq '.tables.calls.rows | length' <<<"$WORLD")" 1
	world latency '{"latency":"server.time=5"}'
	call server.time
	granted
}
