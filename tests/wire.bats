# The tool that replays the samples of tests/wire.
load lib
load wire/replay

setup() {
	bx_setup
	wire_init http://127.0.0.1:1 http://127.0.0.1:2
	BIND=$BATS_TEST_DIRNAME/wire/http/14.01-bind.http
	printf 'Content-Type: application/json; charset=utf-8\r\n' >"$WIRE_TMP/headers"
}
teardown() { bx_teardown; }

# answer TEXT [STATUS]: as if it had been received
answer() {
	WIRE_GOT=$1 WIRE_CODE=${2:-200}
}

TIMES='{"start":1,"finish":1.5,"duration":0.5,"processing":0,"date_start":"a","date_finish":"b"}'

@test "every exchange is read to the byte" {
	local file name count=0
	for file in "$BATS_TEST_DIRNAME"/wire/http/*.http; do
		while IFS= read -r name; do
			wire_pick "$file" "$name"
			assert_regex "$WIRE_STATUS" '^[1-5][0-9][0-9]$'
			[[ -s $WIRE_TMP/body ]] || continue
			printf '%s\n' "${WIRE_HEADERS[@]}" | grep -qx "Content-Length: $(stat -c %s "$WIRE_TMP/body")"
			count=$((count + 1))
		done < <(wire_names "$file")
	done
	assert [ "$count" -ge 30 ]
}

@test "an answer is the sample's whatever its times are" {
	wire_pick "$BIND" unbind
	answer '{"result":{"count":2},"time":'"$TIMES"'}'
	wire_same
	answer '{"result":{"count":1},"time":'"$TIMES"'}'
	run ! wire_same
	assert_output --partial 'want {"result":{"count":2}'
	answer '{"time":'"$TIMES"',"result":{"count":2}}'
	run ! wire_same
	answer '{"result":{"count":2}}'
	run ! wire_same
	answer '{"result":{"count":2},"time":'"$TIMES"'}' 400
	run ! wire_same
	assert_output --partial 'want status 200, got 400'
}

@test "an answer of another type is not the sample's" {
	wire_pick "$BIND" unbind
	answer '{"result":{"count":2},"time":'"$TIMES"'}'
	printf 'Content-Type: text/html\r\n' >"$WIRE_TMP/headers"
	run ! wire_same
}

@test "slashes are escaped as in the sample" {
	wire_know https://app.example.net http://127.0.0.2:9
	wire_pick "$BIND" list
	local text=${WIRE_ANSWER/'"time":T'/'"time":'$TIMES}
	text=${text//'https:\/\/app.example.net'/'http:\/\/127.0.0.2:9'}
	answer "$text"
	wire_same
	answer "${text//'\/'/\/}"
	run ! wire_same
	assert_output --partial 'slashes are not escaped'
}

@test "values are put in place of the samples, plain and encoded" {
	wire_know https://app.example.net 'http://127.0.0.2:9/a&b'
	wire_know a1f3c0de0001 'T0/k+n'
	wire_know_number 12 3
	run sed -E "$(_wire_script text)" <<<'{"USER_ID":12,"a":"a1f3c0de0001 https://app.example.net/x","at":"12:12:12+12:00","b":[12,15],"c":"x12"}'
	assert_output '{"USER_ID":3,"a":"T0/k+n http://127.0.0.2:9/a&b/x","at":"12:12:12+12:00","b":[3,15],"c":"x12"}'
	run sed -E "$(_wire_script form)" <<<'auth=a1f3c0de0001&u=https%3A%2F%2Fapp.example.net&id=12'
	assert_output 'auth=T0%2Fk%2Bn&u=http%3A%2F%2F127.0.0.2%3A9%2Fa%26b&id=3'
}

@test "an answer tells what a sample stands for" {
	local file=$BATS_TEST_DIRNAME/wire/http/14.04-register.http
	local sample=externalCall.5d41402abc4b2a76b9719d911017c592.1785744060
	wire_learn "$sample" 77
	wire_pick "$file" register
	answer '{"result":{"CALL_ID":"externalCall.x.1","CRM_CREATED_LEAD":null,"CRM_CREATED_ENTITIES":[],"CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":5},"time":'"$TIMES"'}'
	wire_same
	assert_equal "${WIRE_TEXT[$sample]}" externalCall.x.1
	assert_equal "${WIRE_NUMBER[77]}" 5
	wire_same
	answer "${WIRE_GOT/externalCall.x.1/externalCall.y.2}"
	run ! wire_same
}

@test "what the sample has as a number is not taken as a text" {
	wire_learn 77
	wire_pick "$BATS_TEST_DIRNAME/wire/http/14.04-register.http" register
	answer '{"result":{"CALL_ID":"externalCall.5d41402abc4b2a76b9719d911017c592.1785744060","CRM_CREATED_LEAD":null,"CRM_CREATED_ENTITIES":[],"CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":"77"},"time":'"$TIMES"'}'
	run ! wire_same
}
