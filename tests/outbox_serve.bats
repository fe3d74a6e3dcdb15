# The outbox and the daemon, which has it flushed.
load lib

setup() { bx_setup; whole_portal --flush; }
teardown() { bx_teardown; }

@test "the daemon has it flushed when the portal shows itself" {
	ctl fault '*=cut:0' >/dev/null
	run --separate-stderr bx-call register --spool -t 0.3 --ext 101 --phone 5550100 --type in --id late
	assert_failure 7
	exec 8< <(timeout 60 bx-card events -f -e outbox.flushed)
	ctl clear >/dev/null
	# The click is an event at the daemon.
	ctl dial 5550123 >/dev/null
	read -r line <&8
	assert_equal "$(jq -c '[.source, .data.waited, .data.exit]' <<<"$line")" '["serve",1,0]'
	exec 8<&-
	run bx-call outbox ls
	assert_output ''
	assert_equal "$(bx-call ls | jq -r .EXTERNAL_CALL_ID | grep -c late)" 1
}
