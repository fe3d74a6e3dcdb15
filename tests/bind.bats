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

@test "a title in several languages is one LANG_ALL, and a plain one beside it is refused" {
	run --separate-stderr bx-bind add LEFT_MENU $URL/menu --title en=Phone --title ru=Телефон --description en=Calls
	assert_success
	run bx-bind ls
	assert_json '.langAll == {"en":{"TITLE":"Phone","DESCRIPTION":"Calls","GROUP_NAME":""},"ru":{"TITLE":"Телефон","DESCRIPTION":"","GROUP_NAME":""}}'
	run --separate-stderr bx-bind -n add LEFT_MENU $URL/x --title en=Phone --title Plain
	assert_failure 2
	[[ $stderr == *"'Plain' has no language"* ]]
	run --separate-stderr bx-bind -n add LEFT_MENU $URL/x --title 'E=mc' --group G
	assert_json '.body.TITLE == "E=mc" and .body.GROUP_NAME == "G" and (.body | has("LANG_ALL") | not)'
	run --separate-stderr bx-bind worker --public-url $URL --title en=Phone --title de=Telefon
	assert_json '.action == "bound"'
	run --separate-stderr bx-bind worker --public-url $URL --title de=Telefon --title en=Phone
	assert_json '.action == "kept"'
	run --separate-stderr bx-bind worker --public-url $URL --title de=Telefon
	assert_json '.action == "rebound"'
}

@test "several employees, each at an address of its own, the general registration last" {
	ctl variant old-count
	run --separate-stderr bx-bind add worker "$URL/w?a=1" --error-handler $URL/e --user 0 --user 2 --user 3
	assert_success
	assert_equal "$(jq -c '[.userId, .handler]' <<<"$output" | jq -sc .)" \
		"[[2,\"$URL/w?a=1&user=2\"],[3,\"$URL/w?a=1&user=3\"],[0,\"$URL/w?a=1\"]]"
	run bx-bind rm worker
	assert_equal "${#lines[@]}" 3
	run --separate-stderr bx-bind worker --public-url $URL --user 3 --user 2
	assert_equal "$(jq -c '[.userId, .action]' <<<"$output" | jq -sc .)" '[[3,"bound"],[2,"bound"]]'
	run --separate-stderr bx-bind worker --public-url $URL --user x
	assert_failure 2
}

@test "what there is to register in, and handlers of events" {
	run bx-bind available
	assert_line '{"placement":"CALL_CARD"}'
	run bx-bind available --scope ''
	refute_line '{"placement":"CALL_CARD"}'
	run bx-bind event available
	assert_line '{"event":"ONVOXIMPLANTCALLEND"}'
	run --separate-stderr bx-bind event add onVoximplantCallEnd $URL/e --user 1
	assert_success
	assert_json ".action == \"bound\" and .event == \"ONVOXIMPLANTCALLEND\" and .handler == \"$URL/e\" and .auth_type == 1"
	bx-bind event add ONVOXIMPLANTCALLEND $URL/e
	bx-bind event add ONVOXIMPLANTCALLEND --type offline
	run bx-bind event ls
	assert_equal "${#lines[@]}" 3
	assert_json '.offline == 1'
	run --separate-stderr bx-bind event rm ONVOXIMPLANTCALLEND $URL/e --user 1
	assert_equal "${#lines[@]}" 1
	assert_json '.action == "unbound" and .auth_type == 1'
	run --separate-stderr bx-bind event rm ONVOXIMPLANTCALLEND --type online
	assert_json '.auth_type == 0'
	run bx-bind event ls
	assert_json '.offline == 1'
	run --separate-stderr bx-bind event rm onvoximplantcallend
	assert_success
	run --separate-stderr bx-bind event rm onvoximplantcallend
	assert_failure 5
	run --separate-stderr bx-bind event add NO_SUCH_EVENT $URL/e
	assert_failure 1
}

@test "a webhook is told what it lacks and the way out" {
	portal_webhook hook >/dev/null
	local verb
	for verb in ls available 'add LEFT_MENU https://a.example/x' 'rm worker' 'worker --public-url https://a.example' \
		'event add ONAPPTEST https://a.example/x' 'event rm ONAPPTEST'; do
		# shellcheck disable=SC2086
		run --separate-stderr bx-bind -p hook $verb
		assert_failure 4
		[[ $stderr == *"hook is a webhook"*"bx-auth add NAME --app --domain $DOMAIN"* ]] || fail "$verb: $stderr"
	done
	[ "$(ctl log | jq -s '[.[] | select(.path // "" | contains("/rest/1/"))] | length')" = 0 ]
}

@test "registrations of an app that is not installed are told to have no effect yet" {
	ctl uninstall
	ctl install --ui --install-url "$SANDBOX/sandbox/sink/install"
	ctl token | jq -c --argjson i "$SANDBOX_INFO" '{auth: (. + {member_id: $i.member_id})}' >token.json
	sqlite3 "$BX_STATE/portals.db" "UPDATE profile SET access_token='$(jq -r .auth.access_token token.json)',
		refresh_token='$(jq -r .auth.refresh_token token.json)'"
	run --separate-stderr bx-bind worker --public-url $URL
	assert_success
	assert_json '.action == "bound"'
	[[ $stderr == *"demo: registered, but the portal uses it only once the app is installed: open the app"* ]]
	run --separate-stderr bx-bind worker --public-url $URL
	assert_equal "$stderr" ''
}

@test "the portal's count of slow loads is shown and warned from" {
	bx-bind worker --public-url $URL >/dev/null
	id=$(ctl dump | jq '.tables.placements.rows[0].ID')
	local i
	for i in 1 2; do ctl load "$id" 6000; done
	run --separate-stderr bx-bind worker --public-url $URL
	assert_json '.action == "kept" and .maxTimeCount == 2'
	assert_equal "$stderr" ''
	ctl load "$id" 6000
	run --separate-stderr bx-bind worker --public-url $URL
	[[ $stderr == *"counted 3 slow loads of $URL/worker, and removes it after ten a day"* ]]
	for i in 4 5 6 7 8; do ctl load "$id" 6000; done
	run --separate-stderr bx-bind -q worker --public-url $URL
	[[ $stderr == *"counted 8 slow loads"* ]]
}

# As the example that this suite grew from registers itself, letter for letter on the wire.
@test "a registration of the old kind: method in small letters, foreign addresses, two languages" {
	run --separate-stderr bx-bind add PAGE_BACKGROUND_WORKER 'https://app.example.net/handler/?ty=1' \
		OPTIONS[errorHandlerUrl]='https://app.example.net/errors/?ty=1' \
		--title ru='Фоновый обработчик' --title en='Background worker'
	assert_success
	assert_json '.action == "bound" and .userId == 0'
	run bx-bind ls
	assert_json '.handler == "https://app.example.net/handler/?ty=1" and
		.options == {"errorHandlerUrl":"https://app.example.net/errors/?ty=1"} and
		(.langAll | map_values(.TITLE)) == {"ru":"Фоновый обработчик","en":"Background worker"}'
	assert_equal "$(asked placement.bind)" 1
	# What was registered otherwise is kept when it is wanted as it is.
	bx-bind ls | jq -c '{placements: [{PLACEMENT: .placement, HANDLER: .handler, OPTIONS: .options, LANG_ALL: .langAll}]}' >seed.json
	run --separate-stderr bx-bind apply seed.json
	assert_json '.action == "kept"'
}

@test "a registration is never put into a batch" {
	run --separate-stderr bx-rest batch <<<'{"method":"placement.bind","params":{"PLACEMENT":"LEFT_MENU","HANDLER":"https://app.example.net/x"}}'
	assert_failure 2
	[[ $stderr == *"placement.bind cannot be part of a batch"* ]]
	assert_equal "$(asked batch)" 0
}
