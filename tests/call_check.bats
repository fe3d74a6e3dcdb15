# bx-call check: why does no card appear for this employee?
load lib
load client

setup() { bx_setup; whole_portal; }
teardown() { bx_teardown; }

# What is wrong, and what is to be checked by hand, of the last run.
wrong() { jq -r 'select(.ok == false) | .check' <<<"$output" | tr '\n' ' '; }
by_hand() { jq -r 'select(.ok == null) | .check' <<<"$output" | tr '\n' ' '; }

@test "all is well, and what an app cannot know is listed" {
	run --separate-stderr bx-call check 1
	assert_success
	assert_equal "$(wrong)" ''
	assert_equal "$(by_hand)" 'open-page access telephony-right desktop-app portal-call outgoing-line '
	# Each of them says what to do.
	assert_equal "$(jq -r 'select(.ok != true and (.todo | not)) | .check' <<<"$output")" ''
	assert_equal "$(jq -r .user <<<"$output" | sort -u)" 1
	run --separate-stderr bx-call check --ext 102 -o table
	assert_success
	assert_line --index 0 --regexp '^check +ok +finding +todo$'
	assert_line --partial 'Tom Berg works here'
}

@test "no such employee, or one who left" {
	run --separate-stderr bx-call check 99
	assert_failure 10
	assert_equal "$(wrong)" 'employee '
	assert_equal "$stderr" 'bx-call: check: 1 finding'
	ctl user --id 2 ACTIVE:=false >/dev/null
	run --separate-stderr bx-call check 2
	assert_failure 10
	assert_equal "$(wrong)" 'employee '
	run --separate-stderr bx-call check --ext 777
	assert_failure 5
	run --separate-stderr bx-call -n check 1
	assert_failure 2
	run --separate-stderr bx-call check ann
	assert_failure 2
	run --separate-stderr bx-call check
	assert_failure 2
}

@test "the worker, the app and the daemon" {
	bx-bind rm worker >/dev/null
	run --separate-stderr bx-call check 1
	assert_failure 10
	assert_equal "$(wrong)" 'worker '
	assert_equal "$(jq -r 'select(.ok == false) | .todo' <<<"$output")" 'bx-bind worker'
	# One for this employee alone will do, and helps nobody else.
	bx-bind add worker https://app.example.com/own USER_ID=1 'OPTIONS[errorHandlerUrl]=https://app.example.com/e' >/dev/null
	run --separate-stderr bx-call check 1
	assert_success
	run --separate-stderr bx-call check 2
	assert_failure 10
	bx-bind worker >/dev/null
	stop serve
	run --separate-stderr bx-call check 1
	assert_failure 10
	assert_equal "$(wrong)" 'serve '
	ctl uninstall >/dev/null
	run --separate-stderr bx-call check 1
	assert_failure 10
	assert_equal "$(wrong)" 'portal '
	stop sandbox
	run --separate-stderr bx-call check 1
	assert_failure 10
	assert_equal "$(wrong)" 'portal '
}

@test "where pages tell of themselves, none that is open is a finding" {
	stop serve
	start old "$BX_BIN/../tests/tools/oldserve"
	run --separate-stderr bx-call check 1
	assert_failure 10
	jq -se 'map(select(.check == "open-page"))[0] | .ok == false and .user == 1
		and .finding == "no page of this employee tells that it is open" and (.todo | test("open or reload a page"))' <<<"$output"
}

@test "clicks on numbers reach the app, or do not" {
	run --separate-stderr bx-call check 1
	assert_equal "$(jq -c 'select(.check == "clicks") | .ok' <<<"$output")" true
	bx-rest event.unbind event=ONEXTERNALCALLSTART handler="$SERVE/event" >/dev/null
	run --separate-stderr bx-call check 1
	assert_success
	assert_equal "$(jq -c 'select(.check == "clicks") | .ok' <<<"$output")" null
}

@test "calls that nobody finished" {
	bx-call register --ext 101 --phone 5550100 --type in --id a >/dev/null
	bx-call register --user 2 --phone 5550101 --type in --id b >/dev/null
	bx-call -c ext:b show --user 1 >/dev/null
	run --separate-stderr bx-call check 1
	assert_success
	assert_equal "$(jq -r 'select(.check == "unfinished") | .finding' <<<"$output" | grep -oE '555010.' | tr '\n' ' ')" \
		'5550101 5550100 '
	run --separate-stderr bx-call check 2
	assert_equal "$(jq -r 'select(.check == "unfinished") | .finding' <<<"$output" | grep -oE '555010.')" 5550101
	bx-call -c ext:a finish >/dev/null
	bx-call -c ext:b finish >/dev/null
	run --separate-stderr bx-call check 1
	assert_equal "$(by_hand)" 'open-page access telephony-right desktop-app portal-call outgoing-line '
}

@test "a webhook is no app" {
	portal_webhook hook >/dev/null
	run --separate-stderr bx-call -p hook check 1
	assert_failure 10
	assert_equal "$(wrong)" 'profile '
}

@test "a question that the portal refuses is a finding that says what to do" {
	ctl fault placement.get=ACCESS_DENIED:0 >/dev/null
	ctl fault app.info=INTERNAL_SERVER_ERROR:0 >/dev/null
	run --separate-stderr bx-call -t 1 check 1
	assert_failure 10
	assert_equal "$(wrong)" 'app worker '
	assert_equal "$(jq -r 'select(.ok == false and (.todo | not)) | .check' <<<"$output")" ''
}
