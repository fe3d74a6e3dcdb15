# Section 10: events and the common methods.
load portal

setup() { portal; }
teardown() { bx_teardown; }

EVENT=ONVOXIMPLANTCALLSTART

bind() { call event.bind "$(jq -cn --arg e "$EVENT" --arg h "$SINK/e" '{event: $e, handler: $h} + '"${1:-{\}}")"; }
unbind() { call event.unbind "$(jq -cn --arg e "$EVENT" --arg h "$SINK/e" '{event: $e, handler: $h} + '"${1:-{\}}")"; }

@test "10.1: the checks of bind, each before the next" {
	hook event.bind
	refused 403 WRONG_AUTH_TYPE
	token 2
	call event.bind '{"auth_type":3}'
	refused 403 ACCESS_DENIED 'Access denied! Event binding with AUTH_TYPE requires administrator access rights'
	call event.bind '{"event_type":"sometimes"}'
	refused 400 ERROR_ARGUMENT "Argument 'EVENT' is null or empty"
	call event.bind '{"event":"NOWHERE","event_type":"sometimes"}'
	refused 400 ERROR_ARGUMENT 'Value must be one of {online|offline}'
	call event.bind '{"event":"NOWHERE","event_type":"offline"}'
	refused 403 ACCESS_DENIED 'Access denied! Offline events binding requires administrator access rights'
	token
	call event.bind '{"event":"NOWHERE"}'
	refused 400 ERROR_ARGUMENT "Argument 'HANDLER' is null or empty"
	call event.bind '{"event":"NOWHERE","handler":"https://localhost/e"}'
	refused 400 ERROR_WRONG_HANDLER_URL
	call event.bind '{"event":"NOWHERE","handler":"ftp://app.example.net/e"}'
	refused 400 ERROR_UNSUPPORTED_PROTOCOL
	call event.bind '{"event":"NOWHERE","handler":"https://app.example.net/e"}'
	refused 400 ERROR_EVENT_NOT_FOUND 'Event not found'
	call event.bind '{"event":"ONAPPUNINSTALL","event_type":"offline"}'
	refused 400 ERROR_ARGUMENT 'Offline event cannot be registered for this event.'
	bind
	granted '.result == true'
	bind '{event: "OnVoximplantCallStart"}'
	refused 400 ERROR_CORE 'Unable to set event handler: Handler already binded'
	bind '{auth_type: 2}'
	granted
	bind '{handler: "https://app.example.net/other"}'
	granted
}

@test "10.2: unbind" {
	gone() {
		unbind "$1"
		granted ".result == {count: $2}"
	}
	bind
	bind '{auth_type: 2}'
	bind '{auth_type: 3}'
	gone '{auth_type: 4}' 0
	gone '{auth_type: 0}' 1
	gone '{}' 2
	gone '{}' 0
	call event.unbind '{"handler":"https://app.example.net/e"}'
	refused 400 ERROR_ARGUMENT "Argument 'EVENT' is null or empty"
	call event.unbind "{\"event\":\"$EVENT\"}"
	refused 400 ERROR_ARGUMENT "Argument 'HANDLER' is null or empty"
	bind '{auth_type: 3}'
	token 2
	bind
	gone '{}' 1
	bind
	unbind '{auth_type: 3}'
	refused 403 ACCESS_DENIED 'Access denied! Event unbinding with AUTH_TYPE requires administrator access rights'
	form event.unbind "event=$EVENT" "handler=$SINK/e" auth_type=2
	refused 403 ACCESS_DENIED
	gone '{auth_type: 2}' 1
	call event.unbind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline"}'
	refused 403 ACCESS_DENIED 'Access denied! Offline events unbinding requires administrator access rights'
}

@test "10.2: unbind where nothing given means everything" {
	local name
	world variant '{"name":"wide-unbind"}'
	bind
	bind '{handler: "https://app.example.net/other"}'
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLEND\",\"handler\":\"$SINK/e\"}"
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline"}'
	call event.unbind "{\"event\":\"$EVENT\"}"
	granted '.result.count == 2'
	bind
	call event.unbind
	granted '.result.count == 2'
	call event.get
	granted '[.result[].offline] == [1]'
}

@test "10.3: get" {
	bind
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline","auth_connector":"me"}'
	granted
	token 2
	bind
	call event.get
	granted ".result == [{event: \"$EVENT\", handler: \"$SINK/e\", auth_type: \"2\", offline: 0}]"
	token
	call event.get
	granted '.result | length == 3' \
		'.result[1] == {event: "ONVOXIMPLANTCALLEND", connector_id: "me", offline: 1}' '.result[0].auth_type == "0"'
}

@test "10.4: events and event.test" {
	call events
	granted ".result | index(\"$EVENT\") and index(\"ONAPPUNINSTALL\")"
	call events '{"SCOPE":"telephony"}'
	granted '.result | length == 5'
	world webhook '{"scope":"placement"}'
	HOOK=$(jq -r .webhook <<<"$WORLD")
	hook events
	granted ".result | index(\"$EVENT\") | not"
	hook events '{"FULL":1}'
	granted ".result | index(\"$EVENT\")"
	call event.bind "{\"event\":\"ONAPPTEST\",\"handler\":\"$SINK/t\"}"
	call event.test '{"some":{"Thing":[1,2]}}'
	granted '.result == 1'
	posts t
	got '.[0].fields.data.QUERY == {"some":{"Thing":["1","2"]}}' '.[0].fields.auth | has("refresh_token")'
	# what belongs to the transport is not among the parameters
	form event.test auth_connector=a state=b token=c start=4
	granted
	posts t
	got '.[0].fields.data.QUERY == {token: "c", start: "4"}'
	hook event.test
	refused 403 WRONG_AUTH_TYPE
}

@test "10.5: what a handler is posted" {
	bind
	register
	posts e
	got 'length == 1' '.[0].method == "POST"' '.[0].headers["Content-Type"] == "application/x-www-form-urlencoded"' \
		".[0].fields | .event == \"$EVENT\" and .event_handler_id == \"1\" and (.ts | test(\"^[0-9]+$\"))" \
		".[0].fields.data == {CALL_ID: \"$CALL\", USER_ID: \"1\"}" \
		'.[0].fields.auth | keys == ["access_token","application_token","client_endpoint","domain","expires_in","member_id","scope","server_endpoint","status","user_id"]'
	TOKEN=$(jq -r '.[0].fields.auth.access_token' <<<"$POSTS")
	call user.current
	granted '.result.ID == "1"'
}

@test "10.5: with whose rights" {
	bind '{auth_type: 3}'
	register
	posts e
	got '.[0].fields.auth.user_id == "3"'
	TOKEN=$(jq -r '.[0].fields.auth.access_token' <<<"$POSTS")
	call user.current
	granted '.result.ID == "3"'
}

@test "10.5: an event does not cause events for ever" {
	local depth
	bind
	for ((depth = 7; depth > 0; depth--)); do
		register "{\"EXTERNAL_CALL_ID\":\"$depth\"}"
		posts e
		got 'length == 1'
		TOKEN=$(jq -r '.[0].fields.auth.access_token' <<<"$POSTS")
	done
	register '{"EXTERNAL_CALL_ID":"last"}'
	posts e
	got '. == []'
}

@test "10.5: an app that is inactive, or whose period is over, is told nothing" {
	bind
	world change '{"EXPIRED":true}'
	register
	world change '{"EXPIRED":false,"ACTIVE":false}'
	world foreign
	posts e
	got '. == []'
	call server.time
	refused 401 APPLICATION_NOT_FOUND
	world change '{"ACTIVE":true}'
	register '{"EXTERNAL_CALL_ID":"1"}'
	posts e
	got 'length == 1'
}

@test "10.5: delivery fails once, and that is all" {
	call event.bind "{\"event\":\"$EVENT\",\"handler\":\"http://127.0.0.1:9/\"}"
	world serve '{"name":"e","status":500}'
	bind
	register
	posts e
	got 'length == 1'
	world log
	jq -e '[.[] | select(.kind == "sent" and (.url | test(":9/"))) | .status] == [0]' <<<"$WORLD"
}

# held N: so many have arrived, the rest is held back
held() {
	world idle '{"held":true}'
	world sink '{"name":"e"}'
	assert_equal "$(jq length <<<"$WORLD")" "$1"
}

@test "10.5: a slow handler is put off, longer each time, and nobody else" {
	local i
	bind
	posts install
	world clock '{"move":"freeze"}'
	world delivery '{"slow":0}'
	register
	posts e
	got 'length == 1'
	# one a second, then one in two, in four
	for ((i = 1; i <= 3; i++)); do
		register "{\"EXTERNAL_CALL_ID\":\"$i\"}"
	done
	held 0
	call event.bind "{\"event\":\"$EVENT\",\"handler\":\"$SINK/other\"}"
	register '{"EXTERNAL_CALL_ID":"4"}'
	held 0
	world sink '{"name":"other"}'
	assert_equal "$(jq length <<<"$WORLD")" 1
	world clock '{"move":"+1"}'
	held 1
	world clock '{"move":"+1"}'
	held 1
	world clock '{"move":"+1"}'
	held 2
	world clock '{"move":"+4"}'
	held 3
	# a quick answer ends it
	world delivery '{"slow":60000}'
	world clock '{"move":"+8"}'
	posts e
	got 'length == 4' '[.[].fields.data.CALL_ID] | unique | length == 4'
	register '{"EXTERNAL_CALL_ID":"5"}'
	posts e
	got 'length == 1'
}

@test "10.5: events are late when the queue is" {
	bind
	posts install
	world clock '{"move":"freeze"}'
	world delivery '{"delay":5000}'
	register
	held 0
	world clock '{"move":"+4"}'
	held 0
	world clock '{"move":"+1"}'
	posts e
	got 'length == 1'
}

@test "11.10: telephony's events go to every app, those of a line to its own" {
	world app '{"name":"Other app","scope":"telephony"}'
	world install '{"app":"Other app"}'
	token 1 'Other app'
	call event.bind "{\"event\":\"$EVENT\",\"handler\":\"$SINK/other\"}"
	call event.bind "{\"event\":\"ONEXTERNALCALLSTART\",\"handler\":\"$SINK/other\"}"
	token
	bind
	register
	posts e
	got 'length == 1'
	posts other
	got 'length == 1' '.[0].fields.event == "ONVOXIMPLANTCALLSTART"'
}

@test "10.6: the offline queue" {
	local package
	world clock '{"move":"freeze"}'
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline"}'
	call event.bind "{\"event\":\"ONOFFLINEEVENT\",\"handler\":\"$SINK/q\"}"
	register && finish && register && finish && register && finish
	call event.offline.list
	granted '.total == 3' '.result | length == 3' '.result[0] | .EVENT_NAME == "ONVOXIMPLANTCALLEND" and .ERROR == "0" and .PROCESS_ID == ""' \
		'.result[0].EVENT_ADDITIONAL == {"user_id":1}' '.result[0].MESSAGE_ID | length == 32'
	posts q
	got 'length == 1' '.[0].fields | .event == "ONOFFLINEEVENT" and (has("data") | not)'
	call event.offline.get '{"clear":0,"limit":2}'
	granted '.result.events | length == 2' '.result.process_id | type == "string"'
	package=$(jq -r .result.process_id <<<"$BODY")
	call event.offline.error "$(jq -c '{process_id: .result.process_id, message_id: [.result.events[0].MESSAGE_ID]}' <<<"$BODY")"
	granted '.result == true'
	call event.offline.list '{"filter":{"=ERROR":1}}'
	granted '.total == 1' ".result[0].PROCESS_ID == \"$package\""
	call event.offline.get
	granted '.result.process_id == null' '.result.events | length == 1'
	call event.offline.get
	granted '.result.events == []'
	call event.offline.clear "{\"process_id\":\"$package\"}"
	granted '.result == true'
	call event.offline.list
	granted '.total == 0'
	call event.offline.clear
	refused 400 ERROR_ARGUMENT "Argument 'PROCESS_ID' is null or empty"
	token 2
	call event.offline.get
	refused 403 ACCESS_DENIED
	hook event.offline.list
	refused 403 WRONG_AUTH_TYPE
}

# queue METHOD [JSON]: as the app; the IDs of the records in IDS
queue() {
	call "event.offline.$1" "${2:-{\}}"
	granted
	IDS=$(jq -c '[(.result.events? // .result)[].ID | tonumber]' <<<"$BODY" 2>/dev/null) || IDS=
}

@test "10.6: filters, order, limits and marks of the queue" {
	local i package
	world clock '{"move":"freeze"}'
	call event.bind '{"event":"ONVOXIMPLANTCALLSTART","event_type":"offline"}'
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline"}'
	for i in 1 2 3; do
		register && finish
		world clock '{"move":"+1"}'
	done
	queue list '{"filter":{"EVENT_NAME":"ONVOXIMPLANTCALLEND"}}'
	assert_equal "$IDS" '[2,4,6]'
	queue list '{"filter":{">ID":2,"<=ID":5},"order":{"ID":"DESC"}}'
	assert_equal "$IDS" '[5,4,3]'
	queue list '{"filter":{"@ID":[1,6]}}'
	assert_equal "$IDS" '[1,6]'
	queue list '{"filter":{"%EVENT_NAME":"end"},"start":-1}'
	assert_equal "$IDS" '[2,4,6]'
	call event.offline.get '{"limit":0}'
	refused 400 ERROR_ARGUMENT
	queue get '{"clear":0,"limit":3,"order":{"ID":"DESC"}}'
	assert_equal "$IDS" '[6,5,4]'
	package=$(jq -r .result.process_id <<<"$BODY")
	call event.offline.error "$(jq -c --arg p "$package" '{process_id: $p, message_id: [.result.events[1].MESSAGE_ID]}' <<<"$BODY")"
	call event.offline.error "{\"process_id\":\"$package\"}"
	refused 400 ERROR_ARGUMENT "Argument 'MESSAGE_ID' is null or empty"
	queue get '{"error":1,"clear":0}'
	assert_equal "$IDS" '[5]'
	queue list
	call event.offline.clear "{\"process_id\":\"$package\",\"id\":[6]}"
	queue list '{"filter":{"=PROCESS_ID":"'"$package"'"}}'
	assert_equal "$IDS" '[4]'
	# what is reserved is kept for thirty days, the rest for ever
	world clock '{"move":"+2592000"}'
	token
	queue list
	assert_equal "$IDS" '[1,2,3]'
}

@test "10.6: the newest record of an object stands for all; the signal comes once in a while" {
	world clock '{"move":"freeze"}'
	call event.bind '{"event":"ONAPPTEST","event_type":"offline"}'
	refused 400 ERROR_ARGUMENT 'Offline event cannot be registered for this event.'
	call event.bind '{"event":"ONVOXIMPLANTCALLINIT","event_type":"offline"}'
	call event.bind "{\"event\":\"ONOFFLINEEVENT\",\"handler\":\"$SINK/q\",\"options\":{\"minTimeout\":60}}"
	granted
	register
	world clock '{"move":"+59"}'
	register '{"TYPE":1}'
	posts q
	got 'length == 1' '.[0].fields.auth | has("refresh_token")'
	world clock '{"move":"+1"}'
	register '{"TYPE":3}'
	posts q
	got 'length == 1'
}

@test "10.6: packages and sources are a feature" {
	call feature.get '{"CODE":"rest_auth_connector"}'
	granted '.result.value == "Y"'
	world variant '{"name":"plain-queue"}'
	call feature.get '{"CODE":"rest_auth_connector"}'
	granted '.result.value == "N"'
	call event.offline.get '{"clear":0}'
	refused 403 WRONG_LICENSE 'This feature is not enabled for the current license: rest_offline_extended'
	call event.bind '{"event":"ONVOXIMPLANTCALLEND","event_type":"offline","auth_connector":"me"}'
	refused 403 WRONG_LICENSE 'This feature is not enabled for the current license: rest_auth_connector'
}

@test "10.7: common methods" {
	call app.info
	granted '.result | keys == ["CODE","DAYS","ID","INSTALLED","LANGUAGE_ID","LICENSE","LICENSE_FAMILY","LICENSE_TYPE","PAYMENT_EXPIRED","STATUS","VERSION"]' \
		".result | .CODE == \"$CLIENT\" and .ID == 3 and .VERSION == 1 and .STATUS == \"L\" and .INSTALLED and .PAYMENT_EXPIRED == \"N\""
	hook app.info
	refused 403 ACCESS_DENIED 'Access denied! Application context required'
	call profile
	granted '.result == {"ID":"1","ADMIN":true,"NAME":"Maria","LAST_NAME":"Novak","PERSONAL_GENDER":"F","TIME_ZONE":""}'
	call user.admin
	granted '.result == true'
	call user.access '{"ACCESS":["U7","U1"]}'
	granted '.result == true'
	call user.access '{"ACCESS":["U7"]}'
	granted '.result == false'
	call scope
	granted '.result == ["placement","telephony","user","crm"]'
	call methods
	granted '.result | index("telephony.externalCall.register") and index("batch")'
	call methods '{"scope":"placement"}'
	granted '.result | sort == ["placement.bind","placement.get","placement.list","placement.unbind"]'
	call method.get '{"name":"placement.bind"}'
	granted '.result == {"isExisting":true,"isAvailable":true}'
	call server.time
	granted '.result | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$")'
	token 2
	call user.admin
	granted '.result == false'
	call user.current
	granted '.result | .ID == "2" and .UF_PHONE_INNER == "102" and .UF_DEPARTMENT == [1] and .ACTIVE == true'
	world webhook '{"scope":"user_brief"}'
	HOOK=$(jq -r .webhook <<<"$WORLD")
	hook user.current
	granted '.result | has("EMAIL") and (has("WORK_PHONE") or has("UF_PHONE_INNER") | not)'
	hook method.get '{"name":"placement.bind"}'
	granted '.result == {"isExisting":true,"isAvailable":false}'
}
