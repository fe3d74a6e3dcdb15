# Section 9: placements.
load portal

setup() { portal; }
teardown() { bx_teardown; }

WORKER='{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/worker","OPTIONS":{"errorHandlerUrl":"https://app.example.net/e"}}'

# bind CHANGE: the worker's parameters, changed by a filter
bind() {
	call placement.bind "$(ordered -c "${1:-.}" <<<"$WORKER")"
}

bound() {
	call placement.get
	granted
	assert_equal "$(ordered -c "[.result[] | $1]" <<<"$BODY")" "$2"
}

@test "9.1: which placements there are" {
	call placement.list
	granted '.result | index("PAGE_BACKGROUND_WORKER") and index("LEFT_MENU") and index("REST_APP_URI") and index("CALL_CARD")'
	call placement.list '{"SCOPE":""}'
	granted '.result | index("PAGE_BACKGROUND_WORKER") and (index("CALL_CARD") | not)'
	call placement.list '{"SCOPE":"telephony"}'
	granted '.result == ["CALL_CARD","TELEPHONY_ANALYTICS_MENU"]'
	call placement.list '{"SCOPE":"nothing","FULL":true}'
	granted '.result == []'
	world app '{"name":"Narrow","scope":"placement"}'
	world install '{"app":"Narrow"}'
	token 2 Narrow
	call placement.list
	granted '.result | index("CALL_CARD") | not'
	call placement.list '{"FULL":1}'
	granted '.result | index("CALL_CARD")'
	hook placement.list
	refused 403 WRONG_AUTH_TYPE 'Current authorization type is denied for this method Application context required'
}

@test "9.2: the checks of bind, each before the next" {
	local bad='PLACEMENT: 5, HANDLER: "", USER_ID: -1, OPTIONS: []'
	hook placement.bind "$(jq -cn "{$bad}")"
	refused 403 WRONG_AUTH_TYPE 'Current authorization type is denied for this method Application context required'
	token 2
	bind "{$bad}"
	refused 403 ACCESS_DENIED 'Access denied!'
	token
	bind "{$bad}"
	refused 400 ERROR_ARGUMENT "The value of an argument 'PLACEMENT' must be of type string"
	is '.argument == "PLACEMENT"'
	bind '{HANDLER: ""}'
	refused 400 ERROR_ARGUMENT "The value of an argument 'PLACEMENT' must be of type string"
	bind '{PLACEMENT: "", HANDLER: ""}'
	refused 400 ERROR_ARGUMENT "Argument 'PLACEMENT' is null or empty"
	is '.argument == "PLACEMENT"'
	bind '{PLACEMENT: "default", HANDLER: ""}'
	refused 400 ERROR_ARGUMENT
	bind '{PLACEMENT: "NOWHERE", HANDLER: ""}'
	refused 400 ERROR_ARGUMENT "Argument 'HANDLER' is null or empty"
	is '.argument == "HANDLER"'
	bind '{PLACEMENT: "NOWHERE", HANDLER: "ftp://localhost/"}'
	refused 400 ERROR_WRONG_HANDLER_URL 'Wrong handler URL'
	bind '{PLACEMENT: "NOWHERE", HANDLER: "https://.example/"}'
	refused 400 ERROR_WRONG_HANDLER_URL
	bind '{PLACEMENT: "NOWHERE", HANDLER: "nonsense"}'
	refused 400 ERROR_WRONG_HANDLER_URL
	bind '{PLACEMENT: "NOWHERE", HANDLER: "ftp://app.example.net/"}'
	refused 400 ERROR_UNSUPPORTED_PROTOCOL 'Unsupported handler protocol'
	bind '{PLACEMENT: "NOWHERE", HANDLER: "https://app.example.net/"}'
	refused 400 ERROR_PLACEMENT_NOT_FOUND 'Placement not found'
	bind '{PLACEMENT: "LEFT_MENU", HANDLER: "https://app.example.net/", USER_ID: 1}'
	refused 400 ERROR_PLACEMENT_USER_MODE 'User mode is not available.'
	bind
	granted '.result == true'
	bind '.OPTIONS = {}'
	refused 400 ERROR_PLACEMENT_MAX_COUNT 'Placement max count: 1'
	bind '.USER_ID = 2 | .OPTIONS = {}'
	refused 200 EMPTY_ERROR_HANDLER_URL 'Field errorHandlerUrl is empty.'
	is 'keys == ["error","error_description"]'
	bind '.USER_ID = 2'
	refused 400 ERROR_CORE 'Unable to set placement handler: Handler already binded'
	bind '.USER_ID = 2 | .HANDLER += "?mine"'
	granted
}

@test "9.2: a placement beyond the token's scopes is not found" {
	world app '{"name":"Narrow","scope":"placement"}'
	world install '{"app":"Narrow"}'
	token 1 Narrow
	bind '.PLACEMENT = "CALL_CARD"'
	refused 400 ERROR_PLACEMENT_NOT_FOUND
	bind
	granted
}

@test "9.2: hosts with a dot, an address among them" {
	bind '.HANDLER = "http://127.0.0.2:8080/worker"'
	granted
	bind '.HANDLER = "HTTPS://APP.Example.net/worker" | .USER_ID = 2'
	granted
	bound .handler '["http://127.0.0.2:8080/worker","HTTPS://APP.Example.net/worker"]'
}

@test "9.2: one worker for all, and one for each employee" {
	bind '.USER_ID = -3'
	granted
	bind '.USER_ID = 2 | .HANDLER += "?2"'
	granted
	bind '.USER_ID = "3" | .HANDLER += "?3"'
	granted
	bind '.USER_ID = 2 | .HANDLER += "?4"'
	refused 400 ERROR_PLACEMENT_MAX_COUNT
	bound .userId '[0,2,3]'
	call placement.unbind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER"}'
	world variant '{"name":"old-count"}'
	bind '.USER_ID = 2'
	granted
	bind '.HANDLER += "?all"'
	granted
	bind '.USER_ID = 3 | .HANDLER += "?3"'
	refused 400 ERROR_PLACEMENT_MAX_COUNT
}

@test "9.2, 9.4: texts and options, in the order of registration" {
	bind '.TITLE = "T" | .DESCRIPTION = "D" | .GROUP_NAME = "G" | .OPTIONS.more = 1'
	bound '[.title, .description, .langAll, .options]' '[["T","D",[],{"errorHandlerUrl":"https://app.example.net/e"}]]'
	call placement.unbind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER"}'
	bind '.TITLE = "T" | .LANG_ALL = {en: {TITLE: "E"}, de: {DESCRIPTION: "B"}}'
	bound '[.title, .langAll]' '[["E",{"en":{"TITLE":"E","DESCRIPTION":"","GROUP_NAME":""},"de":{"TITLE":"","DESCRIPTION":"B","GROUP_NAME":""}}]]'
	call placement.unbind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER"}'
	bind
	bound .title '["Phone"]'
	form placement.bind placement=left_menu handler=https://app.example.net/m 'lang_all[en][TITLE]=M'
	granted
	bound '[.placement, .title, .options]' '[["PAGE_BACKGROUND_WORKER","Phone",{"errorHandlerUrl":"https://app.example.net/e"}],["LEFT_MENU","M",[]]]'
}

@test "9.3: unbind counts twice" {
	bind
	bind '.USER_ID = 2 | .HANDLER += "?2"'
	bind '.USER_ID = 3 | .HANDLER += "?3"'
	gone() {
		call placement.unbind "$1"
		granted ".result == {count: $2}"
	}
	gone '{"PLACEMENT":"NOWHERE"}' 0
	gone '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/other"}' 0
	gone '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/worker?2","USER_ID":3}' 0
	gone '{"PLACEMENT":"page_background_worker","HANDLER":"https://app.example.net/worker?2"}' 2
	gone '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","USER_ID":0}' 2
	bind
	gone '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":""}' 4
	bound . '[]'
}

@test "9.3: what unbind refuses" {
	hook placement.unbind '{"PLACEMENT":"LEFT_MENU"}'
	refused 403 WRONG_AUTH_TYPE
	call placement.unbind
	refused 400 ERROR_ARGUMENT "The value of an argument 'PLACEMENT' must be of type string"
	call placement.unbind '{"PLACEMENT":""}'
	refused 400 ERROR_ARGUMENT "Argument 'PLACEMENT' is null or empty"
	token 2
	call placement.unbind '{"PLACEMENT":"LEFT_MENU"}'
	refused 403 ACCESS_DENIED 'Access denied!'
	call placement.get
	refused 403 ACCESS_DENIED 'Access denied!'
	hook placement.get
	refused 403 WRONG_AUTH_TYPE
}

@test "9: the registrations of one app are not another's" {
	bind
	world app '{"name":"Other app"}'
	world install '{"app":"Other app"}'
	token 1 'Other app'
	bound . '[]'
	call placement.unbind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER"}'
	granted '.result.count == 0'
	bind
	granted
	token
	bound .userId '[0]'
}

@test "9.2, 9.4: the other texts, and ids" {
	world variant '{"name":"old-texts"}'
	bind '{PLACEMENT: "", HANDLER: ""}'
	refused 400 ERROR_ARGUMENT "Argument 'The placement code is not specified' is null or empty"
	is '.argument == "The placement code is not specified"'
	bind '.PLACEMENT = "DEFAULT"'
	refused 400 ERROR_ARGUMENT "Argument 'The placement code has an incorrect value' is null or empty"
	bind '.HANDLER = ""'
	refused 400 ERROR_ARGUMENT "Argument 'The URL of the placement handler is not specified' is null or empty"
	world variant '{"name":"place-ids"}'
	bind
	bound .id '[1]'
}
