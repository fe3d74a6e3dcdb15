# The frame in the real world: what browsers, networks and portals do to a page while a card is up.
# bx-serve(8) lists these cases, each with its test.
# shellcheck disable=SC2153
load ../lib
load ../webdriver
load ../serve

setup() { bx_setup; }
teardown() { bx_teardown; }

ring() {
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
}
heard() { bx-card -c "$CALL" events | jq -r .event | grep -c "^$1$"; }

@test "a tab is closed in mid-call: the card is gone, with the reason, and another tab takes it over" {
	whole_portal
	wd_start
	wd_open about:blank
	local first
	first=$(wd_tab)
	wd_new_tab >/dev/null
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	wd_close_tab
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_json '.data.reason == "navigated"'
	wd_switch "$first"
	wd_open "$(page_of 101)"
	bx-call -c "$CALL" show >/dev/null
	wd_state connected
}

# No browser keeps a page of ours while it posts, so it is told that it was left and is there again.
@test "a page comes back out of the browser's cache, where no WebSocket passes: the card is back with it" {
	behind_proxy
	kill -USR2 "${BX_PIDS[proxy]}"
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" -t 20 state connected >/dev/null
	wd_js_in 0 'dispatchEvent(new Event("pagehide"));
		dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))'
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_json '.data.reason == "navigated"'
	bx-card -c "$CALL" -t 20 wait card.back >/dev/null
	wd_press mute
	bx-card -c "$CALL" -t 20 wait mute >/dev/null
	bx-card -c "$CALL" -t 20 title 'Here again' >/dev/null
	wd_wait_text card-title 'Here again'
	assert_equal "$(metric bx_serve_frame_lines_total)" 0
	stop proxy KILL
}

@test "a proxy cuts the WebSocket again and again: the line comes back, nothing is lost or doubled" {
	behind_proxy
	wd_start
	wd_open "$(page_of 101)"
	ring
	local i
	for i in 1 2 3; do
		run --separate-stderr bx-card -c "$CALL" state connected
		assert_success
		kill -USR1 "${BX_PIDS[proxy]}"
		wd_press mute
		run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
		assert_success
	done
	assert_equal "$(heard initialized) $(heard muteButtonClick) $(heard card.gone)" '1 3 0'
	[ "$(metric bx_serve_frame_lines_total)" -ge 4 ]
	stop proxy KILL
}

@test "the network is switched: what went into the old one is sent again, once" {
	behind_proxy
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	kill -STOP "${BX_PIDS[proxy]}"
	wd_press mute
	wd_press hold
	kill -USR1 "${BX_PIDS[proxy]}"
	kill -CONT "${BX_PIDS[proxy]}"
	run --separate-stderr bx-card -c "$CALL" -t 30 wait mute
	assert_success
	run --separate-stderr bx-card -c "$CALL" -t 30 wait hold
	assert_success
	run --separate-stderr bx-card -c "$CALL" title 'Still here'
	assert_success
	assert_equal "$(heard initialized) $(heard muteButtonClick) $(heard holdButtonClick)" '1 1 1'
	[ "$(metric bx_serve_frame_lines_total)" -ge 2 ]
	stop proxy KILL
}

# What is open swallows all from now on, and something has been: no end is told.
black_hole() {
	HOLE=$((HOLE + 1))
	kill -HUP "${BX_PIDS[proxy]}"
	"$@"
	await_line "{\"hole\":$HOLE," proxy.out
}

@test "a silent black hole: what was pressed in it arrives once, by WebSocket or by posts" {
	local before
	behind_proxy
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	black_hole wd_press mute
	wd_press hold
	run --separate-stderr bx-card -c "$CALL" -t 60 title 'Not lost'
	assert_success
	wd_wait_text card-title 'Not lost'
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_json '.data == true'
	run --separate-stderr bx-card -c "$CALL" -t 20 wait hold
	assert_success
	before=$(metric bx_serve_frame_lines_total)
	[ "$before" -ge 2 ]
	kill -USR2 "${BX_PIDS[proxy]}"
	run --separate-stderr bx-card -c "$CALL" -t 20 title 'By posts'
	assert_success
	black_hole wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 60 wait mute
	assert_json '.data == false'
	run --separate-stderr bx-card -c "$CALL" title 'Still here'
	assert_success
	assert_equal "$(metric bx_serve_frame_lines_total)" "$before"
	assert_equal "$(heard initialized) $(heard muteButtonClick) $(heard holdButtonClick) $(heard card.gone)" '1 2 1 0'
	stop proxy KILL
}

# The browser and all its processes.   browser_do SIGNAL
browser_do() {
	local -a all=("$WD_PID") found
	local i
	for ((i = 0; i < ${#all[@]}; i++)); do
		mapfile -t found < <(pgrep -P "${all[i]}")
		all+=("${found[@]}")
	done
	kill -s "$1" "${all[@]:1}"
}

@test "twelve tabs with a card in each, a thirteenth page: no request is held, by WebSocket or by posts" {
	behind_proxy
	ctl tabs all
	wd_start
	local thirteenth
	open_tabs 12
	wd_new_tab >thirteenth
	thirteenth=$(cat thirteenth)
	ring
	bx-card -c "$CALL" state connected >/dev/null
	in_each wd_state connected
	assert_equal "$(metric bx_serve_frame_lines)" 12
	wd_switch "$thirteenth"
	not_slow wd_open "$(page_of 101)"
	kill -USR2 "${BX_PIDS[proxy]}"
	bx-card -c "$CALL" title 'Without a line' >/dev/null
	in_each wd_wait_text card-title 'Without a line'
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_success
	wd_switch "$thirteenth"
	not_slow wd_reload
	assert_equal "$(metric bx_serve_frame_lines)" 0
	assert_equal "$(heard muteButtonClick)" 1
	stop proxy KILL
}

@test "asleep: a command is not taken for done, and the card goes on when the browser wakes" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	browser_do STOP
	run --separate-stderr bx-card -c "$CALL" -t 0.3 title 'Good morning'
	assert_failure 6
	browser_do CONT
	wd_wait_text card-title 'Good morning'
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_success
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_success
	assert_equal "$(heard initialized) $(heard muteButtonClick) $(heard card.gone)" '1 1 0'
}

@test "storage of third parties is blocked: the user is asked for, and all goes on" {
	whole_portal --presence
	wd_driver
	mkdir -p "$WD_DIR/private/Default"
	jq -n '{profile: {content_settings: {exceptions: {cookies: {"127.0.0.2,*": {setting: 2}}}}}}' >"$WD_DIR/private/Default/Preferences"
	wd_browser private
	wd_open "$(page_of 101)"
	ring
	wd_frame "#workers iframe, iframe"
	run wd_js 'try { return sessionStorage.length } catch (e) { return e.name }'
	assert_output '"SecurityError"'
	wd_top
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_json ".users[0].user == $(user_of 101)"
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_json ".user == $(user_of 101)"
}

@test "a slider over the page: the card stays one, in the page below" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	wd_click '#open-slider'
	wd_wait '#slider-frame'
	ring
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_json '.users | length == 1 and (.[0].frames | length == 1)'
	assert_equal "$(heard initialized)" 1
	wd_click '#close-slider'
	wd_wait '#slider[hidden]'
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_success
}

@test "a slider with telephony code raises a card of its own; its end leaves the one below" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)?panels=telephony"
	wd_click '#open-slider'
	wd_frame '#slider-frame'
	wd_wait 'body[data-ready]'
	ring
	# The portal shows it in the page below alone, until the panel's document joins.
	wd_none '#card'
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_json '.users[0].frames | length == 1'
	assert_equal "$(metric bx_serve_frame_lines_total)" 1
	ctl join "$CALL" >/dev/null
	wd_state connected
	run --separate-stderr bx-card -c "$CALL" title 'In both'
	assert_json ".users | length == 1 and .[0].user == $(user_of 101) and (.[0].frames | length == 2)"
	wd_wait_text card-title 'In both'
	# The card below lies over this one: it is pressed by the keyboard.
	wd_type '#btn-mute:not([hidden])' ' '
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_json '.data == true'
	wd_top
	wd_click '#close-slider'
	wd_wait '#slider[hidden]'
	wd_press hold
	run --separate-stderr bx-card -c "$CALL" -t 20 wait hold
	assert_success
	bx-card -c "$CALL" events | jq -r '"\(.event) \(.duplicate // false)"' >events
	assert_equal "$(grep -c '^initialized false' events) $(grep -c '^initialized true' events)" '1 1'
	assert_equal "$(heard muteButtonClick) $(heard holdButtonClick) $(heard card.gone)" '1 1 0'
}

@test "the desktop application shows the card, and answers where browsers are silent" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)?desktop"
	ring
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_success
	run --separate-stderr bx-card -c "$CALL" timer stop
	assert_success
	refute_output --partial '"confirmed":false'
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait mute
	assert_success
	run --separate-stderr bx-card -c "$CALL" close
	assert_success
	run --separate-stderr bx-card -c "$CALL" state connected
	assert_failure 5
}
