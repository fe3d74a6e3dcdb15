# The status page in a browser: it updates itself, and shows what comes from outside as text.
load ../lib
load ../webdriver

setup() { bx_setup; }
teardown() { bx_teardown; }

@test "the status page: cards come and go by themselves, a title with a script is a text" {
	whole_portal --presence --admin 127.0.0.1:0
	local admin evil='Ann <script>window.hit=1</script><img src=x onerror="window.hit=1">'
	admin=http://$(jq -r .admin <<<"$SERVE_INFO")
	wd_start
	wd_browser eyes
	wd_open "$admin/"
	wd_wait_text cards 'No card is open.'
	wd_wait_text portals demo
	wd_wait_text health ready
	wd_browser main
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	bx-card -c - -t 20 wait initialized <call.json >/dev/null
	bx-card -c - state connected <call.json >/dev/null
	bx-card -c - title "$evil" <call.json >/dev/null
	bx-card -c - status '<b>On line</b>' <call.json >/dev/null
	wd_browser eyes
	wd_wait "//*[@id='cards']//h3/span[.='$evil']"
	wd_wait_text cards connected
	wd_wait_text cards '<b>On line</b>'
	wd_wait_text events initialized
	wd_wait_text online 'user '
	wd_none '#cards img, #cards b, #cards script, #events img, #events script'
	assert_equal "$(wd_js 'return window.hit || 0')" 0
	wd_browser main
	wd_press mute
	wd_browser eyes
	wd_wait_text cards mute
	bx-card -c - close <call.json >/dev/null
	wd_wait_text cards 'No card is open.'
	run wd_console
	refute_output --partial SEVERE
	# The daemon ends: the page says so, and comes back with it.
	stop serve
	wd_wait_text health 'no answer'
	serve_start --presence --admin "${admin#http://}"
	wd_wait_text health ready
	wd_wait_text events initialized
}

@test "the status page in a narrow window, light and dark" {
	whole_portal --admin 127.0.0.1:0
	local admin
	admin=http://$(jq -r .admin <<<"$SERVE_INFO")
	wd_start
	wd_open "$admin/status"
	wd_wait_text portals demo
	wd_call POST /window/rect '{"width":400,"height":900}' >/dev/null
	assert_equal "$(wd_js 'return document.documentElement.scrollWidth <= innerWidth')" true
	local light
	light=$(wd_css body background-color)
	wd_browser dark --blink-settings=preferredColorScheme=0
	wd_open "$admin/"
	wd_wait_text portals demo
	[ "$(wd_css body background-color)" != "$light" ]
}
