# Sections 7 and 8: installation, and what a handler is sent.
load portal

setup() { portal; }
teardown() { bx_teardown; }

# The data in the page of an employee, of which the browser makes its frames.   page USER [QUERY]
page() {
	BOOT=$(curl -sS "$ADDRESS/page/$1${2:-}" | sed -n 's/.*id="boot">\(.*\)<\/script>.*/\1/p')
	[ -n "$BOOT" ]
}
booted() {
	jq -e "$1" <<<"$BOOT" >/dev/null || { jq "${2:-.}" <<<"$BOOT" && fail "differs: $1"; }
}

worker() {
	call placement.bind "$(jq -cn --arg h "https://app.example.net/worker${1:-}" --argjson user "${2:-0}" \
		'{PLACEMENT: "PAGE_BACKGROUND_WORKER", HANDLER: $h, USER_ID: $user, OPTIONS: {errorHandlerUrl: "https://app.example.net/e"}}')"
	granted
}

@test "7.2: an installation without pages is told by a post, and done at once" {
	posts install
	got 'length == 1' '.[0].fields.event == "ONAPPINSTALL"' '.[0].fields | has("event_handler_id") | not' \
		'.[0].fields.data == {"VERSION":"1","ACTIVE":"Y","INSTALLED":"Y","LANGUAGE_ID":"en"}' \
		".[0].fields.auth | .member_id == \"$MEMBER\" and .domain == \"$DOMAIN\" and .user_id == \"1\" and .expires_in == \"3600\"" \
		".[0].fields.auth.client_endpoint == \"$SANDBOX/rest/\"" ".[0].fields.auth.server_endpoint == \"$AUTH_SERVER/rest/\""
	TOKEN=$(jq -r '.[0].fields.auth.access_token' <<<"$POSTS")
	call app.info
	granted '.result.INSTALLED'
	raw "$ADDRESS/oauth/token/" -d "grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$(jq -r '.[0].fields.auth.refresh_token' <<<"$POSTS")"
	assert_equal "$STATUS" 200
}

@test "7.2: an update takes the handlers away and changes the application token" {
	local before
	posts install
	before=$(jq -r '.[0].fields.auth.application_token' <<<"$POSTS")
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","handler":"https://app.example.net/e"}'
	world update
	posts install
	got '.[0].fields | .event == "ONAPPUPDATE" and .data == {"VERSION":"2","PREVIOUS_VERSION":"1","LANGUAGE_ID":"en"}' \
		'.[0].fields.auth | has("refresh_token") and has("access_token")' \
		".[0].fields.auth.application_token != \"$before\""
	call event.get
	granted '.result == []'
	call app.info
	granted '.result.VERSION == 2'
}

@test "7.1, 7.3: an installation with a page waits for the browser" {
	world uninstall
	world install '{"ui":true,"install_url":"https://app.example.net/installer"}'
	posts install
	token
	call app.info
	granted '.result.INSTALLED == false'
	worker
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLSTART\",\"handler\":\"$SINK/e\"}"
	granted
	register
	posts e
	got '. == []'
	page 2
	booted '.frames == [] and .installers == []'
	page 1
	booted '.frames == []'
	booted '.installers | length == 1 and .[0].handler == "https://app.example.net/installer"
		and .[0].fields.PLACEMENT == "DEFAULT" and .[0].init.INSTALL and (.[0].fields | has("PLACEMENT_OPTIONS") | not)' .installers
	raw "$ADDRESS/oauth/authorize/?client_id=$CLIENT"
	assert_equal "$STATUS" 200
}

@test "7.4: what an uninstallation takes with it" {
	worker
	call event.bind "{\"event\":\"OnAppUninstall\",\"handler\":\"$SINK/e\"}"
	call telephony.externalLine.add '{"NUMBER":"1"}'
	register && finish
	world uninstall '{"clean":true}'
	posts e
	got 'length == 1' '.[0].fields | .event == "ONAPPUNINSTALL" and .data == {"LANGUAGE_ID":"en","CLEAN":"1"}' \
		'.[0].fields.auth | keys == ["application_token","client_endpoint","domain","member_id","server_endpoint"]'
	call server.time
	refused 401 APPLICATION_NOT_FOUND
	world install
	call server.time
	refused 401 invalid_token
	token
	call placement.get
	granted '.result == []'
	call event.get
	granted '.result == []'
	call telephony.externalLine.get
	granted '.result == []'
	call voximplant.statistic.get
	granted '.total == 1'
}

@test "7.4: data of an app of the market outlives it, unless it is to go as well" {
	local sid
	worker
	page 1
	sid=$(jq -r '.frames[0].sid' <<<"$BOOT")
	raw "$ADDRESS/sandbox/page/option" -H 'Content-Type: application/json' \
		-d "{\"sid\":\"$sid\",\"app\":true,\"name\":\"colour\",\"value\":\"teal\"}"
	is .done
	world change '{"STATUS":"F"}'
	again() {
		world uninstall "$1"
		world install
		token
		worker
		page 1
	}
	again '{}'
	booted '.frames[0].init.APP_OPTIONS == {"colour":"teal"}' '.frames[0].init'
	again '{"clean":true}'
	booted '.frames[0].init.APP_OPTIONS == []' '.frames[0].init'
}

@test "8.1: the handler request" {
	worker '?own=1'
	page 1 '?uri=%2Fcrm%2Fdeal%2F%3Fa%3D1'
	booted '.frames | length == 1'
	booted '.frames[0] | .handler == "https://app.example.net/worker?own=1" and .origin == "https://app.example.net"' '.frames[0]'
	booted ".frames[0].query | . == {DOMAIN: \"$DOMAIN\", PROTOCOL: \"0\", LANG: \"en\", APP_SID} and (.APP_SID | test(\"^[0-9a-f]{32}$\"))" '.frames[0].query'
	booted '.frames[0].fields | keys_unsorted == ["AUTH_ID","AUTH_EXPIRES","REFRESH_ID","SERVER_ENDPOINT","APPLICATION_TOKEN","APPLICATION_SCOPE","member_id","status","PLACEMENT","PLACEMENT_OPTIONS"]' '.frames[0].fields'
	booted '.frames[0].fields.PLACEMENT_OPTIONS == "{\"ID\":\"PAGE_BACKGROUND_WORKER\",\"URI\":\"\\/crm\\/deal\\/?a=1\"}"' '.frames[0].fields'
	booted ".frames[0].fields | .member_id == \"$MEMBER\" and .status == \"L\" and .PLACEMENT == \"PAGE_BACKGROUND_WORKER\""
	TOKEN=$(jq -r '.frames[0].fields.AUTH_ID' <<<"$BOOT")
	call user.current
	granted '.result.ID == "1"'
	page 1 '?uri='
	booted '.frames[0].fields.PLACEMENT_OPTIONS == "{\"ID\":\"PAGE_BACKGROUND_WORKER\"}"' '.frames[0].fields'
	world variant '{"name":"old-handler"}'
	page 1
	booted '.frames[0].fields | keys_unsorted == ["AUTH_ID","AUTH_EXPIRES","REFRESH_ID","member_id","status","PLACEMENT","PLACEMENT_OPTIONS"]' '.frames[0].fields'
}

@test "12.4: getInitData" {
	worker
	page 1 '?uri=%2Fx'
	booted '.frames[0].init | . == {LANG: "en", DOMAIN, PROTOCOL: 0, PATH: "/rest", AUTH_ID, REFRESH_ID, AUTH_EXPIRES: 3600,
		MEMBER_ID, FIRST_RUN: true, IS_ADMIN: true, INSTALL: false, USER_OPTIONS: [], APP_OPTIONS: [],
		PLACEMENT: "PAGE_BACKGROUND_WORKER", PLACEMENT_OPTIONS: {ID: "PAGE_BACKGROUND_WORKER", URI: "/x"}}' '.frames[0].init'
	page 1
	booted '.frames[0].init.FIRST_RUN == false'
	page 2
	booted '.frames[0].init | .FIRST_RUN and (.IS_ADMIN | not)'
	world update
	page 2
	booted '.frames[0].init.FIRST_RUN'
}

@test "8.3: whose pages load which registration" {
	worker
	worker '?mine' 2
	page 1
	booted '.frames | length == 1'
	page 2
	booted '[.frames[].handler] == ["https://app.example.net/worker","https://app.example.net/worker?mine"]' .frames
	booted '[.frames[].sid] | unique | length == 2'
	world access '{"users":[1]}'
	page 2
	booted '.frames == []'
	run ! page 99
}

@test "8.4: what is slow, how often, in which time" {
	local i
	loaded() { world load "{\"registration\":$1,\"ms\":$2}"; }
	left() {
		call placement.get
		granted ".result | length == $1"
	}
	worker
	worker '?mine' 2
	for ((i = 0; i < 30; i++)); do loaded 1 5000; done
	for ((i = 0; i < 10; i++)); do loaded 1 5001; done
	left 2
	is '.result[0].options.maxTimeCount == 10' '.result[1].options | has("maxTimeCount") | not'
	# the window has passed: the count begins again
	world clock '{"move":"+86401"}'
	token
	loaded 1 9000
	left 2
	is '.result[0].options.maxTimeCount == 1'
	for ((i = 0; i < 9; i++)); do loaded 1 9000; done
	# the first slow load of another registration moves the window of all
	world clock '{"move":"+86000"}'
	loaded 2 9000
	world clock '{"move":"+1000"}'
	token
	loaded 1 9000
	left 1
	is '.result[0].userId == 2'
	world slow '{"limit":3,"ms":100}'
	for ((i = 0; i < 3; i++)); do loaded 2 101; done
	left 0
}

@test "8.5: the notice" {
	local i
	call placement.bind "{\"PLACEMENT\":\"PAGE_BACKGROUND_WORKER\",\"HANDLER\":\"https://app.example.net/w\",\"OPTIONS\":{\"errorHandlerUrl\":\"$SINK/error\"}}"
	world slow '{"limit":0}'
	world load '{"registration":1,"ms":6000}'
	posts error
	got 'length == 1' '.[0].fields | keys == ["error","error_description"] and .error == "ERROR_PLACEMENT_LOADING_OVERTIME"'
}
