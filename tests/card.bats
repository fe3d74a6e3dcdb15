# bx-card without a portal: what it would send, and what it refuses.
load lib

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "-n prints the request and sends nothing" {
	run --separate-stderr bx-card -n -c abc state connected --no-timer --user 12 --user 15 -t 1.5
	assert_success
	assert_output '{"cmd":"card","call":"abc","users":[12,15],"verb":"state","timeout":1500,"params":{"disableAutoStartTimer":true,"uiState":"connected"}}'
}

@test "every command of a card is a verb with its own parameters" {
	run bx-card -n -c abc mute on
	assert_json '.verb == "mute" and .params == {muted: true}'
	run bx-card -n -c abc hold off
	assert_json '.verb == "hold" and .params == {held: false}'
	run bx-card -n -c abc title ''
	assert_json '.verb == "title" and .params == {title: ""}'
	run bx-card -n -c abc status 'On line: "2", ünï'
	assert_json '.params.statusText == "On line: \"2\", ünï"'
	run bx-card -n -c abc timer start
	assert_json '.verb == "timer start" and .params == {}'
	run bx-card -n -c abc timer stop
	assert_json '.verb == "timer stop"'
	run bx-card -n -c abc close --frame f1
	assert_json '.verb == "close" and .frames == ["f1"]'
}

@test "states needs neither call nor daemon" {
	run --separate-stderr bx-card states
	assert_success
	assert_equal "${#lines[@]}" 12
	assert_equal "$(jq -r .state <<<"${lines[0]}")" incoming
	assert_equal "$(jq -c .buttons <<<"${lines[6]}")" '["complete","return","comment"]'
	run --separate-stderr bx-card -o table states
	assert_line --index 0 --regexp '^state +timer +buttons +help$'
}

@test "what is wrong is refused before anything is sent" {
	run --separate-stderr bx-card -c abc state talking
	assert_failure 2
	[[ $stderr == *"'talking' is not one of incoming, "*", redial" ]]
	run --separate-stderr bx-card -c abc mute perhaps
	assert_failure 2
	run --separate-stderr bx-card -c abc state
	assert_failure 2
	run --separate-stderr bx-card mute on
	assert_failure 2
	[[ $stderr == *"which call?"* ]]
	run --separate-stderr bx-card -c abc wait
	assert_failure 2
	run --separate-stderr bx-card -c abc wait answr
	assert_failure 2
	[[ $stderr == *"'answr' is neither an event nor a button"* ]]
	run --separate-stderr bx-card -c abc close --user ann
	assert_failure 2
	run --separate-stderr bx-card -c abc wait answer --since -1
	assert_failure 2
}

@test "a wait takes events, buttons, portal events in any case, and the daemon's own" {
	run bx-card -n send '{"a":[1]}' -u 7 -u 8
	assert_output '{"cmd":"card","users":[7,8],"verb":"send","timeout":5000,"params":{"a":[1]}}'
	run bx-card send '{'
	assert_failure 2
	assert_output "bx-card: send: '{' is not JSON"
	run --separate-stderr bx-card -n -c abc wait initialized answer onvoximplantcallend card.gone client::x --new --cursor two -u 7 --foreign
	assert_success
	assert_output '{"cmd":"wait","call":"abc","foreign":true,"user":7,"events":["initialized","answerButtonClick","ONVOXIMPLANTCALLEND","card.gone","client::x"],"cursor":"two","new":true}'
}

@test "events and ls take filters" {
	run --separate-stderr bx-card -n events -f --since 41 -e mute -e hold -p office -c abc
	assert_output '{"cmd":"events","call":"abc","portal":"office","events":["muteButtonClick","holdButtonClick"],"follow":true,"since":41}'
	BX_PORTAL=home run --separate-stderr bx-card -n ls
	assert_output '{"cmd":"ls","portal":"home"}'
}

@test "-c - takes the first line that carries a CALL_ID" {
	run --separate-stderr bx-card -n -c - close < <(printf '%s\n' 'noise' '{"a":1}' '' '{"CALL_ID":"one","x":2}' '{"CALL_ID":"two"}')
	assert_success
	assert_json '.call == "one"'
	run --separate-stderr bx-card -n -c - close <<<'{"CALL_ID":5}'
	assert_failure 5
	refute_output
	run --separate-stderr bx-card -n -c - close </dev/null
	assert_failure 5
	refute_output
	[[ $stderr == *"no line with a CALL_ID"* ]]
}

@test "standard input is left alone unless - asks for it" {
	run bash -c 'printf "%s\n" a b c | while read -r call; do bx-card -n -c "$call" close; done'
	assert_success
	assert_equal "${#lines[@]}" 3
}

@test "an unknown ext: is absent, and so is a daemon that does not run" {
	run --separate-stderr bx-card -c ext:77 close
	assert_failure 5
	[[ $stderr == *"ext:77"* ]]
	run --separate-stderr bx-card -c abc close
	assert_failure 5
	[[ $stderr == *"bx-serve is not running here"* ]]
	run --separate-stderr bx-card ls
	assert_failure 5
}

@test "errors are JSON where that is asked for" {
	BX_ERRORS=json run --separate-stderr bx-card -c abc close
	assert_failure 5
	jq -e '.tool == "bx-card" and .verb == "close" and .exit == 5' <<<"$stderr"
}

@test "a closed reader is an error, not a crash" {
	run bash -c 'set -o pipefail; bx-card states -o pretty | true; bx-card states >/dev/full'
	assert_failure 9
}
