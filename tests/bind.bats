# bx-bind: registrations of placements, and the worker's, which heals.
load lib
load client

setup() { bx_setup; client_portal; }
teardown() { bx_teardown; }

URL=https://app.example.net

@test "add, ls and rm of a registration" {
	run --separate-stderr bx-bind add LEFT_MENU $URL/menu --title Phone
	assert_success
	assert_json '.action == "bound" and .placement == "LEFT_MENU" and .userId == 0'
	run bx-bind ls
	assert_json ".placement == \"LEFT_MENU\" and .handler == \"$URL/menu\" and .title == \"Phone\""
	run --separate-stderr bx-bind add LEFT_MENU $URL/menu
	assert_failure 1
	[[ $stderr == *"Handler already binded"* ]]
	run bx-bind rm LEFT_MENU $URL/menu
	assert_json '.action == "unbound"'
	run bx-bind ls
	assert_output ''
	run --separate-stderr bx-bind rm LEFT_MENU
	assert_failure 5
}

@test "add is refused where it is wrong" {
	run --separate-stderr bx-bind add
	assert_failure 2
	run --separate-stderr bx-bind add LEFT_MENU
	assert_failure 2
	run --separate-stderr bx-bind add worker $URL/worker
	assert_failure 1
	[[ $stderr == *"EMPTY_ERROR_HANDLER_URL"* ]]
	run --separate-stderr bx-bind add NO_SUCH_PLACE $URL/x
	assert_failure 1
	run --separate-stderr bx-bind add LEFT_MENU http://nodot/x
	assert_failure 1
	portal_webhook hook >/dev/null
	run --separate-stderr bx-bind -p hook ls
	assert_failure 4
}

@test "worker binds, keeps what is right, and rebinds what is not" {
	run --separate-stderr bx-bind worker --public-url $URL
	assert_success
	assert_json ".action == \"bound\" and .handler == \"$URL/worker\" and .placement == \"PAGE_BACKGROUND_WORKER\""
	run --separate-stderr bx-bind worker --public-url $URL/
	assert_json '.action == "kept"'
	run --separate-stderr bx-bind -q worker --public-url $URL
	assert_success
	assert_output ''
	assert_equal "$(asked placement.bind)" 1
	run --separate-stderr bx-bind worker --public-url https://other.example.net
	assert_json '.action == "rebound" and .handler == "https://other.example.net/worker"'
	run bx-bind ls
	assert_equal "${#lines[@]}" 1
	# Every unbind names its handler and its user.
	assert_equal "$(ctl log | jq 'select(.path // "" | endswith("placement.unbind")) | .body | fromjson | .HANDLER != null and .USER_ID == 0')" true
}

@test "worker for one employee has an address of its own beside the general one" {
	bx-bind worker --public-url $URL
	run --separate-stderr bx-bind worker --public-url $URL --user 2
	assert_success
	assert_json ".action == \"bound\" and .userId == 2 and .handler == \"$URL/worker?user=2\""
	run --separate-stderr bx-bind worker --public-url $URL
	assert_json '.action == "kept"'
	run --separate-stderr bx-bind rm worker --user 2
	assert_success
	run bx-bind ls
	assert_equal "${#lines[@]}" 1
	assert_json '.userId == 0'
}

@test "worker heals after the portal removed it" {
	bx-bind worker --public-url $URL
	bx-bind rm worker
	run --separate-stderr bx-bind worker --public-url $URL
	assert_json '.action == "bound"'
}

@test "worker whose bind was cut off looks before it tells" {
	ctl drop placement.bind >/dev/null
	run --separate-stderr bx-bind worker --public-url $URL
	assert_success
	assert_json '.action == "bound"'
	assert_equal "$(asked placement.bind)" 1
}

@test "worker without a daemon and without an address: status 5 and what to do" {
	run --separate-stderr bx-bind worker
	assert_failure 5
	[[ $stderr == *"bx-serve is not running here"*"--public-url"* ]]
	run --separate-stderr bx-bind worker --public-url 'no url'
	assert_failure 2
	run --separate-stderr bx-bind -n worker --public-url $URL
	assert_success
	assert_equal "$(asked placement.bind)" 0
	stop sandbox
	run --separate-stderr bx-bind worker --public-url $URL
	assert_failure 3
}

@test "worker asks the running daemon for its addresses" {
	serve_start
	run --separate-stderr bx-bind worker
	assert_success
	assert_json ".handler == \"$SERVE/worker\""
	run bx-bind ls
	assert_json ".options.errorHandlerUrl | startswith(\"$SERVE/error/\") and endswith(\"…\")"
}
