# Section 11: calls, lines, records, statistics.
load portal

setup() { portal; }
teardown() { bx_teardown; }

reg() { call telephony.externalCall.register "$1"; }

@test "11.1: the checks of register, each before the next" {
	hook telephony.externalCall.register
	refused 403 WRONG_AUTH_TYPE
	reg '{"USER_PHONE_INNER":"999","TYPE":9}'
	refused 400 ERROR_CORE 'USER_ID or USER_PHONE_INNER should be set'
	reg '{"USER_ID":77,"TYPE":9,"CALL_START_DATE":"noon"}'
	refused 400 ERROR_CORE 'Unknown TYPE'
	reg '{"USER_ID":77,"TYPE":2,"CALL_START_DATE":"noon","PHONE_NUMBER":"abc"}'
	refused 400 ERROR_CORE 'CALL_START_DATE should be in the ISO-8601 format'
	reg '{"USER_ID":77,"TYPE":2,"PHONE_NUMBER":"abc"}'
	refused 400 ERROR_CORE 'Unsupported phone number format'
	reg '{"USER_ID":77,"TYPE":2,"PHONE_NUMBER":"+15550100199"}'
	refused 400 ERROR_CORE 'User is not found or is not active'
	world user '{"ID":2,"ACTIVE":false}'
	reg '{"USER_ID":2,"TYPE":2,"PHONE_NUMBER":"+15550100199"}'
	refused 400 ERROR_CORE 'User is not found or is not active'
	reg '{"USER_PHONE_INNER":"102","TYPE":2,"PHONE_NUMBER":"+15550100199"}'
	refused 400 ERROR_CORE 'USER_ID or USER_PHONE_INNER should be set'
	reg '{"USER_ID":0,"USER_PHONE_INNER":"103","TYPE":"2","PHONE_NUMBER":"+15550100199","SHOW":0}'
	granted '.result | keys_unsorted == ["CALL_ID","CRM_CREATED_LEAD","CRM_CREATED_ENTITIES","CRM_ENTITY_TYPE","CRM_ENTITY_ID"]' \
		'.result.CALL_ID | test("^externalCall\\.[0-9a-f]{32}\\.[0-9]+$")'
}

@test "11: webhooks where they are let in" {
	hook telephony.externalCall.show '{"CALL_ID":"nope"}'
	granted '.result == false'
	world variant '{"name":"webhook-calls"}'
	hook telephony.externalLine.add '{"NUMBER":"200"}'
	granted
	hook telephony.externalCall.register '{"USER_ID":1,"TYPE":2,"PHONE_NUMBER":"+15550100199","SHOW":0}'
	granted
	hook telephony.externalCall.finish "$(jq -c '{CALL_ID: .result.CALL_ID, USER_ID: 1, STATUS_CODE: "603-S"}' <<<"$BODY")"
	granted '.result | .CALL_FAILED_CODE == "603-S"'
	hook app.info
	granted '.result | (.SCOPE | index("telephony")) and has("LICENSE")'
}

# live FILTER VALUE: the live call CALL as the portal keeps it
live() {
	world dump
	assert_equal "$(jq -c --arg id "$CALL" ".tables.calls.rows[] | select(.CALL_ID == \$id) | $1" <<<"$WORLD")" "$2"
}

@test "11.1: numbers, lines and dates as they are kept" {
	register '{"PHONE_NUMBER":"+1 (906) 219-50-47 ext;#*,x","LINE_NUMBER":"  15550100  "}'
	live '[.PHONE_NUMBER, .LINE_NUMBER]' '["+19062195047;#*,","15550100"]'
	register '{"PHONE_NUMBER":"8 906 219-50-47","CALL_START_DATE":"2026-08-03T11:01:00+03:00","LINE_NUMBER":"0123456789012345678901234567890123456789012345678901234567"}'
	live '[.PHONE_NUMBER, .LINE_NUMBER, .START_MS]' '["89062195047","01234567890123456789012345678901234567890123456789",1785744060000]'
	call telephony.externalLine.get
	granted '.result == [{"NUMBER":"15550100","NAME":"","CRM_AUTO_CREATE":"Y"},
		{"NUMBER":"01234567890123456789012345678901234567890123456789","NAME":"","CRM_AUTO_CREATE":"Y"}]'
}

@test "11.1: what the call is bound to" {
	register
	is '.result | .CRM_ENTITY_TYPE == "CONTACT" and .CRM_ENTITY_ID == 77'
	register '{"PHONE_NUMBER":"15550100199","TYPE":1}'
	is '.result.CRM_ENTITY_ID == 77'
	register '{"PHONE_NUMBER":"+15550999999"}'
	is '.result | .CRM_ENTITY_TYPE == "" and .CRM_ENTITY_ID == null and .CRM_CREATED_LEAD == null and .CRM_CREATED_ENTITIES == []'
	register '{"PHONE_NUMBER":"+15550888888","CRM_CREATE":1}'
	is '.result | .CRM_CREATED_LEAD as $id | .CRM_ENTITY_TYPE == "LEAD" and .CRM_ENTITY_ID == $id
		and .CRM_CREATED_ENTITIES == [{"ENTITY_TYPE":"LEAD","ENTITY_ID":$id}]'
	register '{"PHONE_NUMBER":"+15550888888","TYPE":1,"CRM_CREATE":1}'
	is '.result | .CRM_ENTITY_TYPE == "LEAD" and .CRM_CREATED_LEAD == null'
	register '{"PHONE_NUMBER":"+15550777777","CRM_ENTITY_TYPE":"COMPANY","CRM_ENTITY_ID":12}'
	is '.result | .CRM_ENTITY_TYPE == "COMPANY" and .CRM_ENTITY_ID == 12'
	register '{"CRM_ENTITY_TYPE":"COMPANY","TYPE":3}'
	is '.result | .CRM_ENTITY_TYPE == "CONTACT"'
	# a colleague's inner number makes no CRM work
	register '{"PHONE_NUMBER":"103","CRM_CREATE":1}'
	is '.result | .CRM_ENTITY_TYPE == "" and .CRM_CREATED_LEAD == null'
}

@test "11.1: a lead that cannot be made is told of" {
	jq -cn '{tables: {contacts: [range(20000) | {ID: (. + 1), CRM_ENTITY_TYPE: "CONTACT", CRM_ENTITY_ID: ., PHONES: []}]}}' >full.json
	raw "$ADDRESS/sandbox/restore" -H 'Content-Type: application/json' --data-binary @full.json
	assert_equal "$STATUS" 200
	register '{"PHONE_NUMBER":"+15550888888","CRM_CREATE":1}'
	is '.result | .CRM_CREATED_LEAD == null and .CRM_CREATED_ENTITIES == [] and (.LEAD_CREATION_ERROR | length > 5)'
}

@test "11.1: duplicates" {
	local first
	same() { register "$1" && assert_equal "$CALL" "$first"; }
	other() { register "$1" && refute [ "$CALL" = "$first" ]; }
	world clock '{"move":"freeze"}'
	register '{"EXTERNAL_CALL_ID":"a","LINE_NUMBER":"1"}'
	first=$CALL
	same '{"EXTERNAL_CALL_ID":"a","LINE_NUMBER":"1"}'
	same '{}'
	same '{"PHONE_NUMBER":"+1 555 010-01-99"}'
	same '{"EXTERNAL_CALL_ID":"a","CALL_START_DATE":"2001-01-01","CRM_ENTITY_TYPE":"DEAL","CRM_ENTITY_ID":1}'
	other '{"EXTERNAL_CALL_ID":"b"}'
	other '{"LINE_NUMBER":"2"}'
	other '{"TYPE":1}'
	other '{"USER_ID":2}'
	other '{"PHONE_NUMBER":"15550100199"}'
	world clock '{"move":"+1799"}'
	same '{"EXTERNAL_CALL_ID":"a"}'
	world clock '{"move":"+1"}'
	other '{"EXTERNAL_CALL_ID":"a"}'
	first=$CALL
	same '{"EXTERNAL_CALL_ID":"a"}'
	finish
	other '{"EXTERNAL_CALL_ID":"a"}'
	# a call that began long ago is never found again
	register '{"EXTERNAL_CALL_ID":"old","CALL_START_DATE":"2001-01-01T00:00:00Z"}'
	first=$CALL
	other '{"EXTERNAL_CALL_ID":"old"}'
}

@test "11.1, 11.10: the events of a registration" {
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLINIT\",\"handler\":\"$SINK/e\"}"
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLSTART\",\"handler\":\"$SINK/e\"}"
	register
	posts e
	got '[.[].fields.event] == ["ONVOXIMPLANTCALLINIT","ONVOXIMPLANTCALLSTART"]' \
		".[0].fields.data == {CALL_ID: \"$CALL\", CALL_TYPE: \"2\", CALLER_ID: \"+15550100199\", REST_APP_ID: \"3\"}" \
		".[1].fields.data == {CALL_ID: \"$CALL\", USER_ID: \"1\"}"
	# a duplicate begins with an id nobody will use, and does not start
	register
	posts e
	got '[.[].fields.event] == ["ONVOXIMPLANTCALLINIT"]' ".[0].fields.data.CALL_ID != \"$CALL\""
}

@test "11.2: show and hide" {
	register
	local method users
	for method in show hide; do
		for users in 1 '"2"' '[1,2]' '["1","99"]' null; do
			call telephony.externalCall.$method "{\"CALL_ID\":\"$CALL\",\"USER_ID\":$users}"
			granted '.result == true'
		done
		hook telephony.externalCall.$method "{\"CALL_ID\":\"$CALL\"}"
		granted '.result == true'
		call telephony.externalCall.$method
		granted '.result == false'
	done
	form telephony.externalCall.show "CALL_ID=$CALL" 'USER_ID[]=1' 'USER_ID[]=2'
	granted '.result == true'
	finish
	call telephony.externalCall.hide "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == false'
}

@test "11.3: the checks of finish, each before the next" {
	hook telephony.externalCall.finish
	refused 403 WRONG_AUTH_TYPE
	call telephony.externalCall.finish '{"CALL_ID":5}'
	refused 400 ERROR_CORE 'USER_ID or USER_PHONE_INNER should be set'
	call telephony.externalCall.finish '{"CALL_ID":5,"USER_ID":77}'
	refused 400 INVALID_ARGUMENT 'CALL_ID must be a string'
	call telephony.externalCall.finish '{"USER_ID":77}'
	refused 400 INVALID_ARGUMENT 'CALL_ID must be a string'
	call telephony.externalCall.finish '{"USER_ID":77,"CALL_ID":"nope"}'
	refused 400 ERROR_CORE 'Call is not found (call should be registered prior to finishing)'
	register
	finish '{"USER_ID":77}'
	refused 400 ERROR_CORE 'User is not found or is not active'
	finish
	granted
	world variant '{"name":"old-texts"}'
	finish
	refused 400 ERROR_CORE 'Call is not found (call should be registered prior to finishing'
}

@test "11.3: what finish answers" {
	register '{"LINE_NUMBER":"15550100","EXTERNAL_CALL_ID":"pbx-1"}'
	finish '{"USER_ID":2,"DURATION":"65","COST":"1.5","COST_CURRENCY":"EUR","VOTE":4,"FAILED_REASON":"r","RECORD_URL":"https://pbx.example.net/1.mp3"}'
	granted '.result | keys_unsorted == ["CALL_ID","EXTERNAL_CALL_ID","PORTAL_USER_ID","PHONE_NUMBER","PORTAL_NUMBER","INCOMING","CALL_DURATION","CALL_START_DATE","CALL_STATUS","CALL_VOTE","COST","COST_CURRENCY","CALL_FAILED_CODE","CALL_FAILED_REASON","REST_APP_ID","REST_APP_NAME","CRM_ACTIVITY_ID","COMMENT","CALL_RECORD_URL","CRM_ENTITY_TYPE","CRM_ENTITY_ID","ID"]' \
		'.result | [.EXTERNAL_CALL_ID, .PORTAL_USER_ID, .PORTAL_NUMBER, .INCOMING, .CALL_DURATION, .CALL_STATUS, .CALL_VOTE, .COST, .COST_CURRENCY, .CALL_FAILED_CODE] == ["pbx-1",2,"15550100","2",65,1,4,1.5,"EUR","200"]' \
		'.result.CALL_START_DATE == {}' '.result | .CRM_ENTITY_ID == 77 and (.CRM_ACTIVITY_ID | type == "number")'
	call voximplant.statistic.get "{\"FILTER\":{\"CALL_ID\":\"$CALL\"}}"
	granted '.result[0] | [.PORTAL_USER_ID, .CALL_DURATION, .COST, .CALL_VOTE, .CALL_RECORD_URL, .EXTERNAL_CALL_ID] == ["2","65","1.5000","4","https://pbx.example.net/1.mp3","pbx-1"]'
	register '{"PHONE_NUMBER":"+15550999999","TYPE":1}'
	finish
	granted '.result | [.PORTAL_NUMBER, .CALL_STATUS, .CALL_FAILED_CODE, .CRM_ACTIVITY_ID, .COMMENT, .EXTERNAL_CALL_ID] == ["REST_APP:3",0,"304",null,null,null]' \
		'.result | has("CRM_ENTITY_TYPE") or has("CALL_RECORD_URL") | not'
	register '{"TYPE":3}'
	finish '{"DURATION":5,"STATUS_CODE":"MINE"}'
	granted '.result.CALL_FAILED_CODE == "MINE"'
}

@test "11.10: the event of the end" {
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLEND\",\"handler\":\"$SINK/e\"}"
	register
	finish '{"DURATION":9,"COST":2}'
	posts e
	got 'length == 1' '.[0].fields.data | keys_unsorted == ["CALL_ID","CALL_TYPE","PHONE_NUMBER","PORTAL_NUMBER","PORTAL_USER_ID","CALL_DURATION","CALL_START_DATE","COST","COST_CURRENCY","CALL_FAILED_CODE","CALL_FAILED_REASON","CRM_ACTIVITY_ID"]' \
		".[0].fields.data | .CALL_ID == \"$CALL\" and .CALL_DURATION == \"9\" and .COST == \"2\""
	register '{"PHONE_NUMBER":"+15550999999"}'
	finish
	posts e
	got '.[0].fields.data | has("CRM_ACTIVITY_ID") | not'
}

WAV=UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACAgICA

attach() { call telephony.externalCall.attachRecord "$(jq -c --arg id "$CALL" '{CALL_ID: $id} + .' <<<"$1")"; }

@test "11.4: a record in the request" {
	register
	attach '{}'
	refused 400 ERROR_CORE 'Call is not found in the statistic table. It looks like it is not finished yet.'
	finish
	attach '{}'
	refused 400 ERROR_CORE 'Required parameters are not set. Request should contain either URL or FILENAME parameter'
	attach '{"FILENAME":"","FILE_CONTENT":""}'
	refused 400 ERROR_CORE 'File name is empty'
	attach '{"FILENAME":"call.WAV","FILE_CONTENT":""}'
	refused 400 ERROR_CORE 'Wrong file extension. Only wav and mp3 are allowed'
	attach '{"FILENAME":"call.wav","FILE_CONTENT":""}'
	refused 400 ERROR_CORE 'File content is empty.'
	attach '{"FILENAME":"call.wav","FILE_CONTENT":"not!base64"}'
	refused 400 ERROR_CORE 'File content is not properly encoded. Base64 encoding is expected.'
	attach '{"FILENAME":"call.wav","FILE_CONTENT":"aGVsbG8gd29ybGQ="}'
	refused 400 ERROR_CORE 'The file is not an audio file.'
	attach "{\"FILENAME\":\"call.wav\",\"FILE_CONTENT\":\"$WAV\"}"
	granted '.result == {"FILE_ID":6401}'
	attach "{\"FILENAME\":\"call.mp3\",\"FILE_CONTENT\":\"$WAV\"}"
	granted '.result == {"FILE_ID":6402}'
	call voximplant.statistic.get
	granted '.result[0].RECORD_FILE_ID == 6402'
	world variant '{"name":"old-texts"}'
	CALL=nope attach '{}'
	refused 400 ERROR_CORE 'Call is not found in the statistic table. Looks like it is not finished yet.'
	attach '{}'
	refused 400 ERROR_CORE 'Required parameters are not set. Request should contain or URL or FILENAME parameter'
}

@test "11.4: a record in two steps" {
	local url other
	register && finish
	attach '{"FILENAME":"call.ogg","FILE_CONTENT":null}'
	granted '.result.fieldName == "file"'
	url=$(jq -r .result.uploadUrl <<<"$BODY")
	assert_regex "$url" "^$SANDBOX/rest/upload.json\?auth=$TOKEN&token=telephony%7C"
	base64 -d <<<"$WAV" >call.wav
	raw "$url" -F 'other=@call.wav;filename=call.wav'
	refused 400 ERROR_CORE 'Error: required parameter file is not found'
	raw "$url" -F 'file=@call.wav;filename=call.ogg'
	refused 400 ERROR_CORE 'Wrong file extension. Only wav and mp3 are allowed'
	other=0
	[ "${url: -1}" != 0 ] || other=1
	raw "${url%?}$other" -F 'file=@call.wav'
	refused 403 ACCESS_DENIED 'Access denied! Link check failed'
	raw "$url" -F 'file=@call.wav'
	assert_equal "$STATUS $BODY" '200 {"result":{"FILE_ID":6401}}'
	hook telephony.externalCall.attachRecord "{\"CALL_ID\":\"$CALL\",\"FILENAME\":\"call.wav\"}"
	granted
	url=$(jq -r .result.uploadUrl <<<"$BODY")
	assert_regex "$url" "^${HOOK}upload/\?token="
	raw "$url" -F 'file=@call.wav'
	assert_equal "$STATUS $BODY" '200 {"result":{"FILE_ID":6402}}'
	attach '{"FILENAME":"call.wav"}'
	world expire
	raw "$(jq -r .result.uploadUrl <<<"$BODY")" -F 'file=@call.wav'
	refused 401 expired_token
}

@test "11.4: a record the portal downloads" {
	register && finish
	world serve "{\"name\":\"call.mp3\",\"base64\":\"$WAV\",\"type\":\"audio/wav\"}"
	attach "{\"RECORD_URL\":\"$SINK/call.mp3?x=1\",\"FILENAME\":\"\"}"
	granted '.result == {"FILE_ID":6401}'
	world serve '{"name":"gone","status":404}'
	attach "{\"RECORD_URL\":\"$SINK/gone\"}"
	refused 400 ERROR_CORE 'Server returns HTTP error code 404'
	attach '{"RECORD_URL":"http://127.0.0.1:9/call.mp3"}'
	refused 400 ERROR_CORE
	is '.error_description | test("^[A-Z]+: .")'
	world serve "{\"name\":\"call.flac\",\"base64\":\"$(printf fLaC0000 | base64)\"}"
	attach "{\"RECORD_URL\":\"$SINK/call.flac\"}"
	granted
	call batch "{\"cmd\":[\"telephony.externalCall.attachRecord?CALL_ID=$CALL&RECORD_URL=$SINK/call.mp3\"]}"
	is '.result.result_error[0].error_description == "NETWORK: no download within a batch"'
	attach "{\"RECORD_URL\":\"$SINK/nothing\"}"
	refused 400 ERROR_CORE
}

transcribe() { call telephony.call.attachTranscription "$1"; }

@test "11.5: transcripts" {
	transcribe '{}'
	refused 400 ERROR_CORE 'CALL_ID should be set'
	transcribe '{"CALL_ID":"nope","MESSAGES":"x"}'
	refused 400 ERROR_CORE 'MESSAGES should be an array'
	transcribe '{"CALL_ID":"nope","MESSAGES":[{"SIDE":"User","START_TIME":0,"STOP_TIME":1,"MESSAGE":"a"},{"SIDE":"client"}]}'
	refused 400 ERROR_CORE 'MESSAGES[1][SIDE] should be either Client or User'
	transcribe '{"CALL_ID":"nope","MESSAGES":[{"SIDE":"User","START_TIME":-1}]}'
	refused 400 ERROR_CORE 'MESSAGES[0][START_TIME] should be greater or equal to zero'
	transcribe '{"CALL_ID":"nope","MESSAGES":[{"SIDE":"User","START_TIME":0,"STOP_TIME":0}]}'
	refused 400 ERROR_CORE 'MESSAGES[0][STOP_TIME] should be greater than zero'
	transcribe '{"CALL_ID":"nope","MESSAGES":[{"SIDE":"User","START_TIME":0,"STOP_TIME":1,"MESSAGE":""}]}'
	refused 400 ERROR_CORE 'MESSAGES[0][MESSAGE] is empty'
	transcribe '{"CALL_ID":"nope","MESSAGES":[]}'
	refused 400 ERROR_CORE 'Call nope is not found. Is it finished?'
	register && finish
	transcribe "{\"CALL_ID\":\"$CALL\",\"MESSAGES\":[{\"SIDE\":\"Client\",\"START_TIME\":0,\"STOP_TIME\":2,\"MESSAGE\":\"Hello\"}],\"COST\":1}"
	granted '.result == {"TRANSCRIPT_ID":1}'
	call voximplant.statistic.get
	granted '.result[0].TRANSCRIPT_ID == "1"'
}

@test "11.6: search by number" {
	hook telephony.externalCall.searchCrmEntities '{"PHONE_NUMBER":"+1 (555) 010-0199"}'
	granted '.result | length == 1' '.result[0] | .CRM_ENTITY_TYPE == "CONTACT" and .CRM_ENTITY_ID == 77 and .NAME == "Ann Lee" and .ASSIGNED_BY_ID == 1' \
		'.result[0].ASSIGNED_BY | .ID == "1" and .USER_PHONE_INNER == "101" and has("TIMEMAN_STATUS")'
	call telephony.externalCall.searchCrmEntities '{"PHONE_NUMBER":"123"}'
	granted '.result == []'
	call telephony.externalCall.searchCrmEntities
	refused 400 ERROR_CORE 'PHONE_NUMBER is empty'
	world variant '{"name":"no-crm"}'
	call telephony.externalCall.searchCrmEntities '{"PHONE_NUMBER":"123"}'
	refused 400 ERROR_CORE 'CRM is not installed.'
}

line() { call "telephony.externalLine.$1" "${2:-{\}}"; }

@test "11.7: lines" {
	line add '{"NUMBER":"  "}'
	refused 400 ERROR_CORE 'NUMBER should not be empty'
	line add '{"NUMBER":" 100 ","NAME":"Sales"}'
	granted '.result == {"ID":1}'
	line add '{"NUMBER":"100"}'
	refused 400 ERROR_CORE 'Line already exists'
	line add '{"NUMBER":"200","CRM_AUTO_CREATE":"n"}'
	granted
	line get
	granted '.result == [{"NUMBER":"100","NAME":"Sales","CRM_AUTO_CREATE":"Y"},{"NUMBER":"200","NAME":"","CRM_AUTO_CREATE":"N"}]'
	line update
	refused 400 ERROR_CORE 'There are no fields to update'
	line update '{"NAME":"x"}'
	refused 400 ERROR_CORE 'NUMBER should not be empty'
	line update '{"NUMBER":"300","NAME":"x"}'
	refused 400 ERROR_CORE 'Could not find line with number 300'
	line update '{"NUMBER":"200","NAME":"New","CRM_AUTO_CREATE":"Y"}'
	granted '.result == {"ID":"2"}'
	line delete
	refused 400 ERROR_CORE 'NUMBER should not be empty'
	line delete '{"NUMBER":"300"}'
	refused 400 ERROR_CORE 'Could not find line with number 300'
	line delete '{"NUMBER":"100"}'
	granted '.result == []'
	line get
	granted '.result == [{"NUMBER":"200","NAME":"New","CRM_AUTO_CREATE":"Y"}]'
	for method in telephony.externalLine.add telephony.externalLine.update telephony.externalLine.get telephony.externalLine.delete; do
		hook "$method" '{"NUMBER":"1","NAME":"2"}'
		refused 403 WRONG_AUTH_TYPE
	done
	world app '{"name":"Other app"}'
	world install '{"app":"Other app"}'
	token 1 'Other app'
	line get
	granted '.result == []'
	line add '{"NUMBER":"200"}'
	granted
}

# What only a broken database says, and two binds at the same moment: nothing of that happens here,
# so it is ordered.
@test "11: errors of the database" {
	local method text
	while IFS='|' read -r method text; do
		world fault "$(jq -cn --arg method "$method" --arg text "$text" '{fault: "\($method)=ERROR_CORE", $text}')"
		call "$method" '{"NUMBER":"1"}'
		refused 400 ERROR_CORE "$text"
	done <<-'END'
		telephony.externalCall.finish|Unexpected database error
		telephony.externalLine.add|DB error
		placement.bind|Unable to set placement handler: Process of binding the handler has already started
	END
}

@test "11.9: an administrator decides" {
	call event.bind "{\"event\":\"ONAPPMETHODCONFIRM\",\"handler\":\"$SINK/c\"}"
	call voximplant.user.get
	refused 400 '' 'Parameter USER_ID is not set'
	call voximplant.user.get '{"USER_ID":1}'
	refused 401 METHOD_CONFIRM_WAITING 'Waiting for confirmation'
	world confirm '{"decision":"no"}'
	posts c
	got '.[0].fields.data | .METHOD == "voximplant.user.get" and .CONFIRMED == "0"' '.[0].fields.auth | has("access_token") | not'
	call voximplant.user.get '{"USER_ID":1}'
	refused 403 METHOD_CONFIRM_DENIED 'Method call denied'
	token
	call voximplant.user.get '{"USER_ID":1}'
	refused 401 METHOD_CONFIRM_WAITING
	world confirm '{"decision":"yes"}'
	call voximplant.user.get '{"USER_ID":[1,"2"]}'
	granted '.result == [{"ID":"1","DEFAULT_LINE":null,"PHONE_ENABLED":"N","SIP_SERVER":null,"SIP_LOGIN":"phone1","SIP_PASSWORD":null,"INNER_NUMBER":"101"},
		{"ID":"2","DEFAULT_LINE":null,"PHONE_ENABLED":"N","SIP_SERVER":null,"SIP_LOGIN":"phone2","SIP_PASSWORD":null,"INNER_NUMBER":"102"}]'
	hook voximplant.user.get '{"USER_ID":1}'
	granted
	token 2
	call voximplant.user.get '{"USER_ID":1}'
	refused 403 ACCESS_DENIED 'Access denied! You have no permission to query selected users'
}

@test "11.10: a click on a number" {
	run ! world dial '{"number":"+1 555 010 0199","user":2}'
	call event.bind "{\"event\":\"ONEXTERNALCALLSTART\",\"handler\":\"$SINK/e\"}"
	world dial '{"number":"+1 555 010 0199","user":2}'
	CALL=$(jq -r .CALL_ID <<<"$WORLD")
	posts e
	got ".[0].fields.data == {PHONE_NUMBER: \"+1 555 010 0199\", PHONE_NUMBER_INTERNATIONAL: \"+15550100199\", EXTENSION: \"\", USER_ID: \"2\",
		CALL_LIST_ID: \"0\", LINE_NUMBER: \"\", IS_MOBILE: \"0\", CALL_ID: \"$CALL\", CRM_ENTITY_TYPE: \"CONTACT\", CRM_ENTITY_ID: \"77\"}" \
		'.[0].fields.auth.user_id == "2"'
	# a register of the same call finds it
	call telephony.externalCall.register '{"USER_ID":2,"PHONE_NUMBER":"+15550100199","TYPE":1}'
	granted ".result.CALL_ID == \"$CALL\""
	finish '{"USER_ID":2,"DURATION":3}'
	granted '.result.INCOMING == "1"'
}

@test "11.10: a click on a line, and on a number nobody knows" {
	call event.bind "{\"event\":\"ONEXTERNALCALLSTART\",\"handler\":\"$SINK/e\"}"
	world dial '{"number":"+1 555 099 9999","line":"15550100","lead":true}'
	posts e
	got '.[0].fields.data | .LINE_NUMBER == "15550100" and .CRM_ENTITY_TYPE == "LEAD" and .CRM_CREATED_LEAD == .CRM_ENTITY_ID
		and .CRM_CREATED_ENTITIES == [{"ENTITY_TYPE":"LEAD","ENTITY_ID":.CRM_ENTITY_ID}]'
	world dial '{"number":"+1 555 099 9998"}'
	posts e
	got '.[0].fields.data | .CRM_ENTITY_TYPE == "" and (has("CRM_CREATED_LEAD") or has("CRM_CREATED_ENTITIES") | not)'
}

@test "11.10: calls of the portal's own telephony" {
	local name
	for name in INIT START END; do
		call event.bind "{\"event\":\"ONVOXIMPLANTCALL$name\",\"handler\":\"$SINK/e\"}"
	done
	world clock '{"move":"freeze"}'
	world builtin '{"user":2,"phone":"+1 555 0199"}'
	CALL=$(jq -r .CALL_ID <<<"$WORLD")
	posts e
	got 'length == 1' '.[0].fields.event == "ONVOXIMPLANTCALLINIT"' \
		".[0].fields.data | .CALL_ID == \"$CALL\" and .CALL_TYPE == \"2\" and .CALLER_ID == \"+15550199\"" \
		'.[0].fields.data | keys == ["ACCOUNT_SEARCH_ID","CALLER_ID","CALL_ID","CALL_TYPE","PHONE_NUMBER"]'
	world builtin "{\"answer\":\"$CALL\"}"
	posts e
	got '.[0].fields.event == "ONVOXIMPLANTCALLSTART"' ".[0].fields.data == {CALL_ID: \"$CALL\", USER_ID: \"2\"}"
	call telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == false'
	world clock '{"move":"+9"}'
	world builtin "{\"finish\":\"$CALL\"}"
	posts e
	got '.[0].fields.event == "ONVOXIMPLANTCALLEND"' \
		'.[0].fields.data | .CALL_DURATION == "9" and .PORTAL_USER_ID == "2" and .CALL_FAILED_CODE == "200" and (has("CRM_ACTIVITY_ID") | not)'
	run ! world builtin "{\"finish\":\"$CALL\"}"
}

@test "11.10: a callback form" {
	call event.bind "{\"event\":\"ONEXTERNALCALLBACKSTART\",\"handler\":\"$SINK/e\"}"
	world callback '{"number":"+15550100199","text":"Please call"}'
	posts e
	got '.[0].fields.data == {PHONE_NUMBER: "+15550100199", TEXT: "Please call", VOICE: "", CRM_ENTITY_TYPE: "CONTACT", CRM_ENTITY_ID: "77", LINE_NUMBER: ""}'
}

@test "11.10: another app's call" {
	call event.bind "{\"event\":\"ONVOXIMPLANTCALLSTART\",\"handler\":\"$SINK/e\"}"
	world foreign
	CALL=$(jq -r .CALL_ID <<<"$WORLD")
	posts e
	got ".[0].fields.data.CALL_ID == \"$CALL\""
	call telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == true'
	world foreign "{\"finish\":\"$CALL\"}"
	call telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}"
	granted '.result == false'
}
