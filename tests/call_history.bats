# bx-call history: dates, filters, every page, and the summary.
load lib
load client

setup() {
	bx_setup
	client_portal --limit 5000:1000
	bx-auth set demo --limit 5000:1000 >/dev/null
}
teardown() { bx_teardown; }

# Finished calls in few requests; a line each: USER NUMBER TYPE START DURATION.
calls() {
	local n=0 user number type start duration
	while read -r user number type start duration; do
		n=$((n + 1))
		jq -cn --arg id "r$n" --arg user "$user" --arg number "$number" --arg type "$type" --arg start "$start" \
			'{id: $id, method: "telephony.externalCall.register", params: {USER_ID: $user, PHONE_NUMBER: $number,
			TYPE: $type, CALL_START_DATE: $start, SHOW: 0, EXTERNAL_CALL_ID: $id}}'
		jq -cn --arg id "r$n" --arg user "$user" --arg duration "$duration" \
			'{id: ("f" + $id), method: "telephony.externalCall.finish", params: {USER_ID: $user,
			CALL_ID: "$result[\($id)][CALL_ID]", DURATION: $duration}}'
	done | bx-rest batch >batch.out
	jq -e -s 'all(.error == null)' batch.out >/dev/null || fail "$(cat batch.out)"
}

three() {
	calls <<-END
		1 +15550001 2 2026-11-01T09:00:00+03:00 60
		1 +15550002 2 2026-11-01T10:00:00+03:00 0
		2 +15550003 1 2026-11-02T10:00:00+03:00 0
		1 +15550001 1 2026-11-02T11:00:00+03:00 3605
	END
}

@test "options narrow by user, number, line, kind, outcome and time" {
	three
	ids() { bx-call history "$@" | jq -r .CALL_START_DATE | cut -c9-13 | tr '\n' ' '; }
	assert_equal "$(ids)" '01T09 01T10 02T10 02T11 '
	assert_equal "$(ids --user 1)" '01T09 01T10 02T11 '
	assert_equal "$(ids --phone '+1 (555) 00-01')" '01T09 02T11 '
	assert_equal "$(ids --type in)" '01T09 01T10 '
	assert_equal "$(ids --type 1 --user 2)" '02T10 '
	assert_equal "$(ids --status missed)" '01T10 02T10 '
	assert_equal "$(ids --status 200 --type out)" '02T11 '
	assert_equal "$(ids --line nothing)" ''
	assert_equal "$(ids --from 2026-11-01T10:00:00+03:00 --to 2026-11-02T11:00:00+03:00)" '01T10 02T10 '
	assert_equal "$(ids --user 1 'FILTER[>CALL_DURATION]=60')" '02T11 '
	run --separate-stderr bx-call history --type sideways
	assert_failure 2
	run --separate-stderr bx-call history --user ann
	assert_failure 2
}

@test "the summary counts by day and user" {
	three
	run --separate-stderr bx-call history --summary
	assert_success
	assert_output - <<-END
		{"day":"2026-11-01","user":1,"calls":2,"talked":1,"missed":1,"duration":60}
		{"day":"2026-11-02","user":1,"calls":1,"talked":1,"missed":0,"duration":3605}
		{"day":"2026-11-02","user":2,"calls":1,"talked":0,"missed":0,"duration":0}
	END
	run --separate-stderr bx-call history --summary --from 2026-11-02 --user 2 -o table
	assert_line --index 0 --regexp '^day +user +calls +talked +missed +duration$'
	assert_line --index 1 --regexp '^2026-11-02 +2 +1 +0 +0 +0$'
	run --separate-stderr bx-call history --summary --status busy
	assert_success
	assert_output ''
}

@test "a terminal gets a table with bars, unless another form is asked for" {
	three
	run script -qec 'bx-call history --summary' /dev/null
	assert_line --index 0 --regexp '^day .* duration +chart'
	assert_line --index 1 --regexp '^2026-11-01 +1 +2 +1 +1 +0:01:00 +#\.'
	assert_line --index 2 --regexp '^2026-11-02 +1 +1 +1 +0 +1:00:05 +#'
	run script -qec 'bx-call history --summary -o json' /dev/null
	assert_line --index 0 --partial '{"day":"2026-11-01","user":1,'
}

@test "all pages count" {
	for ((n = 0; n < 130; n++)); do
		echo "$((n % 3 + 1)) +1555$n 2 2026-11-$((n % 2 + 10))T10:00:00+03:00 10"
	done | calls
	assert_equal "$(bx-call history | wc -l)" 130
	assert_equal "$(bx-call history --summary | jq -s 'map(.calls) | add')" 130
	assert_equal "$(bx-call history --summary | jq -s 'map(.duration) | add')" 1300
	assert_equal "$(bx-call history --summary | wc -l)" 6
	assert_equal "$(bx-call history --limit 60 --summary | jq -s 'map(.calls) | add')" 60
}
