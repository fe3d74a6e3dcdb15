# Which employees have a page open: bx-serve --presence, bx-card ls --online, and the doctor.
load ../lib
load ../webdriver
load ../serve

setup() { bx_setup; }
teardown() { bx_teardown; }

online() { bx-card ls --online; }
# Waits until the list is as wanted: each request that the daemon logs is a reason to look again.
#   await_online JQ-FILTER-OF-THE-WHOLE-LIST
await_online() {
	local line tail pid found=1
	exec {tail}< <(exec tail -n +1 -F "$RUN_DIR/serve.err" 2>/dev/null 3>&-)
	pid=$!
	while [ "$found" = 1 ] && read -r -t 20 line <&"$tail"; do
		case $line in *'POST /frame'*) online | jq -se "$1" >/dev/null && found=0 ;; esac
	done
	kill "$pid"
	exec {tail}<&-
	[ "$found" = 0 ] || online >&2
	return "$found"
}

@test "pages tell that they are open, and when they are left; no line is held, the user is asked once a browser" {
	whole_portal -v --presence
	local ann ben
	ann=$(user_of 101) ben=$(user_of 102)
	wd_start
	run --separate-stderr online
	assert_success
	assert_output ''
	wd_open "$(page_of 101)"
	await_online 'length == 1'
	run --separate-stderr online
	assert_json ".user == $ann and .pages == 1 and .portal == \"demo\" and .since == .heard"
	wd_new_tab >tab
	wd_open "$(page_of 101)"
	await_online ".[0].pages == 2"
	run --separate-stderr bx-card ls --online --user "$ann"
	assert_json '.pages == 2'
	assert_equal "$(ctl log | jq -s 'map(select(.path // "" | endswith("/profile"))) | length')" 1
	wd_browser ben
	wd_open "$(page_of 102)"
	await_online 'length == 2'
	assert_equal "$(online | jq -s -c 'map([.user, .pages])')" "$(jq -nc "[[$ann, 2], [$ben, 1]] | sort")"
	assert_equal "$(metric bx_serve_pages_open)" 3
	assert_equal "$(metric bx_serve_frame_lines_total)" 0
	wd_open about:blank
	await_online 'length == 1'
	assert_equal "$(online | jq -s -c 'map([.user, .pages])')" "[[$ann,2]]"
	wd_browser main
	wd_close_tab
	await_online '.[0].pages == 1'
	run --separate-stderr bx-card ls --online -o table
	assert_line --index 0 --regexp '^user +pages +since +heard +portal'
	assert_line --index 1 --regexp "^$ann +1 "
	run wd_console
	refute_output --partial SEVERE
}

@test "the doctor says that the employee's page is open" {
	whole_portal -v --presence
	wd_start
	wd_open "$(page_of 101)"
	await_online 'length == 1'
	run --separate-stderr bx-call check "$(user_of 101)"
	assert_equal "$(jq -c 'select(.check == "open-page" or .check == "access") | .ok' <<<"$output" | sort -u)" true
}

@test "a card over a page that tells of itself goes as without, and the daemon started anew hears of it again" {
	whole_portal -v --presence
	wd_start
	wd_open "$(page_of 101)"
	await_online 'length == 1'
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	run --separate-stderr bx-card -c - -t 20 wait initialized <call.json
	assert_success
	run --separate-stderr bx-card -c - state connected <call.json
	assert_json '.ok'
	wd_state connected
	wd_press mute
	run --separate-stderr bx-card -c - -t 20 wait mute <call.json
	assert_success
	assert_equal "$(metric bx_serve_frame_lines)" 1
	stop serve
	serve_start -v --presence
	run --separate-stderr online
	assert_output ''
	wd_open "$(page_of 101)"
	await_online 'length == 1'
	run --separate-stderr online
	assert_json '.pages == 1'
}
