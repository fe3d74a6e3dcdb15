# Every fault of transport for every class of calls: what is executed how often, which exit status,
# and what it says.
load lib
load client

setup() {
	bx_setup
	client_portal
	ctl limit off >/dev/null
	bx-auth set demo --limit 10000:1000 >/dev/null
}
teardown() { bx_teardown; }

# The last two are a portal that is late: there is time for one attempt only.
FAULTS='cut drop half garbage html empty late trickle'
LATE='late trickle'

# What is said of a fault, before the cause and behind it.
said() {
	case $1 in
	cut | drop) echo "no whole answer from $DOMAIN: Server returned nothing (no headers, no data)" ;;
	half) echo "no whole answer from $DOMAIN: Transferred a partial file" ;;
	late | trickle) echo "no whole answer from $DOMAIN: Timeout was reached" ;;
	garbage) echo "no whole answer from $DOMAIN: it is not HTTP" ;;
	html | empty) echo "the answer of $DOMAIN is not REST" ;;
	esac
}
http() {
	case $1 in
	html) echo ' (HTTP 502)' ;;
	empty) echo ' (HTTP 200)' ;;
	esac
}

# The next N answers to a method suffer from the fault.   break_next METHOD FAULT N
break_next() {
	PATIENCE=()
	! is_late "$2" || PATIENCE=(-t 0.3)
	case $2 in
	late) ctl latency "$1=600000:$3" ;;
	trickle) ctl fault "$1=trickle:$3" --ms 60000 ;;
	*) ctl fault "$1=$2:$3" ;;
	esac >/dev/null
}
is_late() { [[ " $LATE " == *" $1 "* ]]; }

rows() { ctl dump | jq ".tables.$1.rows | length"; }

# One call of each class.
SAFE=(telephony.externalCall.searchCrmEntities PHONE_NUMBER=+15550100)
VERIFY=(telephony.externalLine.add)
NEVER=(event.offline.get)
REGISTER=(telephony.externalCall.register USER_ID=1 PHONE_NUMBER=+15550100 TYPE=2 SHOW=0)

@test "a safe call: repeated; a fault that lasts is status 3" {
	local fault before
	for fault in $FAULTS; do
		before=$(asked "${SAFE[0]}")
		if ! is_late "$fault"; then
			break_next "${SAFE[0]}" "$fault" 2
			run --separate-stderr bx-rest "${SAFE[@]}"
			assert_success
			assert_equal "$stderr" ''
			assert_equal "$(asked "${SAFE[0]}")" "$((before + 3))"
		fi
		break_next "${SAFE[0]}" "$fault" 9
		run --separate-stderr bx-rest "${PATIENCE[@]}" "${SAFE[@]}"
		assert_failure 3
		assert_equal "$stderr" "bx-rest: call: $(said "$fault")$(http "$fault")"
		ctl clear >/dev/null
	done
}

@test "a register with EXTERNAL_CALL_ID: repeated, and one call" {
	local fault
	for fault in $FAULTS; do
		if is_late "$fault"; then
			break_next "${REGISTER[0]}" "$fault" 1
			run --separate-stderr bx-rest "${PATIENCE[@]}" "${REGISTER[@]}" "EXTERNAL_CALL_ID=$fault"
			assert_failure 3
			assert_equal "$stderr" "bx-rest: call: $(said "$fault")"
		else
			break_next "${REGISTER[0]}" "$fault" 2
		fi
		run --separate-stderr bx-rest "${REGISTER[@]}" "EXTERNAL_CALL_ID=$fault"
		assert_success
		assert_equal "$(ctl dump | jq --arg id "$fault" '[.tables.calls.rows[] | select(.EXTERNAL_CALL_ID == $id)] | length')" 1
	done
}

# A call that is not repeated, under every fault; @ in it is the number of the fault.
#   never_twice METHOD PARAM...
never_twice() {
	local fault before method=$1 n=0
	for fault in $FAULTS; do
		before=$(asked "$method")
		break_next "$method" "$fault" 1
		run --separate-stderr bx-rest "${PATIENCE[@]}" "${@//@/$((++n))}"
		assert_failure 8
		assert_equal "$stderr" "bx-rest: call: $(said "$fault"); it may have been done all the same$(http "$fault")"
		assert_equal "$(asked "$method")" "$((before + 1))"
		ctl clear >/dev/null
	done
}

@test "a call to be verified, or never to be repeated: sent once, status 8" {
	# Each but the first, which was cut before the portal did anything, was executed once.
	never_twice "${VERIFY[@]}" NUMBER=line@
	assert_equal "$(ctl dump | jq -r '.tables.lines.rows[].NUMBER' | sort | tr '\n' ' ')" 'line2 line3 line4 line5 line6 line7 line8 '
	never_twice "${REGISTER[@]/0100/010@}"
	assert_equal "$(rows calls)" 7
	never_twice "${NEVER[@]}"
}

@test "a register with an id that is too old for the portal to know is not repeated" {
	break_next "${REGISTER[0]}" drop 1
	run --separate-stderr bx-rest "${REGISTER[@]}" EXTERNAL_CALL_ID=old "CALL_START_DATE=$(date -d '-40 min' +%Y-%m-%dT%H:%M:%S%:z)"
	assert_failure 8
	assert_equal "$(rows calls)" 1
}

@test "a batch is repeated if each of its commands may be" {
	local fault
	for fault in ${FAULTS%" $LATE"}; do
		break_next batch "$fault" 1
		run --separate-stderr bx-rest batch < <(printf '{"method":"%s","params":{"PHONE_NUMBER":"+1"}}\n' "${SAFE[0]}" "${SAFE[0]}")
		assert_success
		break_next batch "$fault" 1
		run --separate-stderr bx-rest batch < <(printf '{"method":"%s","params":{"NUMBER":"b%s"}}\n' "${SAFE[0]}" 0 "${VERIFY[0]}" "$fault")
		assert_failure 8
		assert_equal "$stderr" "bx-rest: batch: $(said "$fault"); it may have been done all the same$(http "$fault")"
		assert_equal "$(jq -r .id <<<"$output" | tr '\n' ' ')" '1 2 '
	done
	assert_equal "$(rows lines)" 5
}

@test "an answer in single bytes is an answer" {
	ctl fault server.time=trickle --ms 1 >/dev/null
	run --separate-stderr bx-rest server.time
	assert_success
	assert_equal "$(asked server.time)" 1
}

@test "what the portal refuses before it does anything may always be repeated; what it breaks over may not" {
	ctl fault "${VERIFY[0]}=QUERY_LIMIT_EXCEEDED" >/dev/null
	run --separate-stderr bx-rest "${VERIFY[@]}" NUMBER=1
	assert_success
	ctl fault "${VERIFY[0]}=CONNECTION_ERROR" >/dev/null
	run --separate-stderr bx-rest "${VERIFY[@]}" NUMBER=2
	assert_success
	ctl fault "${VERIFY[0]}=OVERLOAD_LIMIT:0" >/dev/null
	run --separate-stderr bx-rest "${VERIFY[@]}" NUMBER=3
	assert_failure 3
	ctl clear >/dev/null
	ctl fault "${VERIFY[0]}=INTERNAL_SERVER_ERROR:0" >/dev/null
	run --separate-stderr bx-rest "${VERIFY[@]}" NUMBER=4
	assert_failure 8
	assert_equal "$stderr" "bx-rest: call: INTERNAL_SERVER_ERROR: Internal server error; it may have been done all the same (HTTP 500)"
	ctl fault "${SAFE[0]}=INTERNAL_SERVER_ERROR:0" >/dev/null
	run --separate-stderr bx-rest "${SAFE[@]}"
	assert_failure 3
	assert_equal "$(asked "${VERIFY[0]}")" 6
	stop sandbox
	run --separate-stderr bx-rest "${VERIFY[@]}" NUMBER=5
	assert_failure 3
}
