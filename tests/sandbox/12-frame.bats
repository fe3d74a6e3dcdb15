# The messages between a worker frame and its page (portal.md 12).
load page

setup() { page_setup; }
teardown() { bx_teardown; }

@test "12.2: the forms of a message" {
	wd_start
	page
	ring
	wd_wait '#card'
	# JSON may hold colons; the callback id and the APP_SID are the last two parts.
	post 'CallCardSetCardTitle:{"title":"a:b::c:"}:k1:SID'
	assert_equal "$(heard k1)" '[]'
	assert_equal "$(wd_text '#card-title')" 'a:b::c:'
	post 'CallCardGetListUiStates:k2:SID'
	assert_equal "$(heard k2 | jq length)" 12
	post 'CallCardGetListUiStates::k3:SID'
	assert_equal "$(heard k3 | jq length)" 12
	# Without a callback id the command runs and is not answered.
	post 'CallCardSetStatusText:{"statusText":"quiet"}::SID'
	wd_wait_text card-status quiet
	# The object form, whose parameters may be missing and whose other keys are ignored.
	post_value '{"method":"CallCardSetUiState","appSid":"SID","callback":"k4","params":{"uiState":"incoming"},"x":1}'
	assert_equal "$(heard k4)" '[]'
	post_value '{"method":"CallCardGetListUiStates","appSid":"SID","callback":"k5","params":null}'
	assert_equal "$(heard k5 | jq length)" 12
	post_value '{"method":"CallCardSetUiState","appSid":"SID","callback":"k6"}'
	assert_equal "$(heard k6)" "$no_state"
	# Other values of JSON stand for no parameters.
	post 'CallCardSetUiState:null:k7:SID'
	assert_equal "$(heard k7)" "$no_state"
	assert_equal "$(frame 'return messages.length')" 7
}

@test "12.2: what the page passes over in silence" {
	wd_start
	page
	post 'CallCardDance:{}:k1:SID'
	post 'constructor::k2:SID'
	post 'getInitData::k3:00000000000000000000000000000000'
	post 'getInitData::k4:'
	post 'getInitData'
	post ''
	post 'getInitData:{"a":1:k5:SID'
	post 'callcardgetlistuistates::k6:SID'
	post_value '{"method":"getInitData","callback":"k7"}'
	post_value '["getInitData","k8","SID"]'
	post_value '7'
	post_value 'true'
	post_value 'null'
	post 'reloadWindow::k9:SID'
	post 'setTitle:{"title":"mine"}:k10:SID'
	post 'setScroll:{"scroll":3}:k11:SID'
	# A message of the page itself, and of a document of another origin, with the right APP_SID.
	wd_js 'const sid = document.querySelector("#frames iframe").name.split("|")[2];
		postMessage(`getInitData::k12:${sid}`, "*");
		const stranger = document.createElement("iframe");
		stranger.sandbox = "allow-scripts";
		stranger.id = "stranger";
		stranger.srcdoc = `<script>parent.postMessage("getInitData::k13:${sid}", "*"); document.title = "said"</scr` + `ipt>`;
		document.body.append(stranger)'
	wd_frame '#stranger'
	wd_wait 'head title'
	wd_top
	run frame 'return ask("CallCardGetListUiStates").then(() => messages.length)'
	assert_output 1
	assert_not_equal "$(wd_title)" mine
}

@test "12.3: no value, an empty text and a text differ; the frame's origin is the target" {
	wd_start
	page
	bind_events addCommentButtonClick answerButtonClick
	ring
	wd_wait '#card'
	state incoming
	wd_press answer
	assert_equal "$(heard answerButtonClick)" ''
	wd_press comment
	wd_press comment
	assert_equal "$(heard addCommentButtonClick)" '""'
	wd_press comment
	wd_type '#comment-text' 'said: "x", <b>'
	wd_press comment
	assert_equal "$(heard addCommentButtonClick 2)" '"said: \"x\", <b>"'
}

@test "12.4: getInitData, FIRST_RUN once; options; refreshAuth gives tokens that work" {
	wd_start
	page 'uri=%2Fcrm%2F'
	say k1 getInitData
	run heard k1
	assert_json 'keys_unsorted == ["LANG","DOMAIN","PROTOCOL","PATH","AUTH_ID","REFRESH_ID","AUTH_EXPIRES","MEMBER_ID","FIRST_RUN","IS_ADMIN","INSTALL","USER_OPTIONS","APP_OPTIONS","PLACEMENT","PLACEMENT_OPTIONS"]'
	assert_json '.LANG == "en" and .DOMAIN == "'"$DOMAIN"'" and .PROTOCOL == 0 and .PATH == "/rest" and .FIRST_RUN == true and .IS_ADMIN == true and .INSTALL == false'
	assert_json '.USER_OPTIONS == [] and .APP_OPTIONS == [] and .PLACEMENT == "PAGE_BACKGROUND_WORKER" and .PLACEMENT_OPTIONS == {ID: "PAGE_BACKGROUND_WORKER", URI: "/crm/"}'
	assert_json '.AUTH_ID == "'"$(frame 'return new URLSearchParams(request.body).get("AUTH_ID")' | jq -r .)"'"'
	say k2 getInitData
	run heard k2
	assert_json '.FIRST_RUN == false'

	say k3 setUserOption '{"name":"ring","value":{"volume":3}}'
	assert_equal "$(heard k3)" '{"name":"ring","value":{"volume":3}}'
	say k4 setAppOption '{"name":"colour","value":"teal"}'
	assert_equal "$(heard k4)" '{"name":"colour","value":"teal"}'
	say k5 setInstall '{"install":true}'
	assert_equal "$(heard k5)" '{"install":true}'
	say k6 resizeWindow '{"width":300,"height":"200"}'
	assert_equal "$(heard k6)" '{"width":300,"height":200}'

	say k7 refreshAuth
	run heard k7
	assert_json 'keys_unsorted == ["AUTH_ID","AUTH_EXPIRES","REFRESH_ID"] and .AUTH_EXPIRES == 3600'
	TOKEN=$(jq -r .AUTH_ID <<<"$output") run rest app.info
	assert_json '.result.ID == 3'
	say k8 getInitData
	run heard k8
	assert_json '.USER_OPTIONS == {ring: {volume: 3}} and .APP_OPTIONS == {colour: "teal"}'

	# The next page knows them too; options of the app are an administrator's.
	page
	say k1 getInitData
	run heard k1
	assert_json '.FIRST_RUN == false and .USER_OPTIONS == {ring: {volume: 3}}'
	page '' 2
	say k1 getInitData
	run heard k1
	assert_json '.FIRST_RUN == true and .IS_ADMIN == false and .USER_OPTIONS == [] and .APP_OPTIONS == {colour: "teal"}'
	say k2 setAppOption '{"name":"colour","value":"red"}'
	say k3 setUserOption '{"name":"a","value":1}'
	heard k3
	silent k2

	# An app that is gone gets no tokens, and the page tells its user.
	world uninstall >/dev/null
	say k9 refreshAuth
	wd_wait '#notices p'
	silent k9
}

@test "12.4: getInterface and subscriptions" {
	wd_start
	page
	say k1 getInterface
	run heard k1
	assert_json '.command == ["CallCardSetMute","CallCardSetHold","CallCardSetUiState","CallCardGetListUiStates","CallCardSetCardTitle","CallCardSetStatusText","CallCardClose","CallCardStartTimer","CallCardStopTimer"]'
	assert_json '.event == (["initialized","addCommentButtonClick","muteButtonClick","holdButtonClick","closeButtonClick","transferButtonClick","cancelTransferButtonClick","completeTransferButtonClick","hangupButtonClick","nextButtonClick","skipButtonClick","answerButtonClick","entityChanged","qualityMeterClick","dialpadButtonClick","makeCallButtonClick","notifyAdminButtonClick"] | map("BackgroundCallCard::" + .))'

	# Twice bound is twice delivered; an unknown name is silence for ever.
	say once placementBindEvent '{"event":"BackgroundCallCard::initialized"}'
	say twice placementBindEvent '{"event":"BackgroundCallCard::initialized"}'
	say twice placementBindEvent '{"event":"BackgroundCallCard::initialized"}'
	say never placementBindEvent '{"event":"BackgroundCallCard::rung"}'
	say plain placementBindEvent '{"event":"initialized"}'
	say - placementBindEvent '{"event":"BackgroundCallCard::initialized"}'
	wd_wait '#workers [data-subscriptions="1"]'
	silent once
	ring
	heard once | jq -e ".CALL_ID == \"$CALL\""
	assert_equal "$(count once) $(count twice) $(count never) $(count plain)" '1 2 0 0'
}

@test "13.11: what belongs to CALL_CARD is not there" {
	wd_start
	page
	bind_events initialized
	ring
	wd_wait '#card'
	local name
	for name in getStatus disableAutoClose enableAutoClose; do
		say "$name" "$name"
	done
	for name in EntityChanged BeforeClose CallStateChanged; do
		say "$name" placementBindEvent "{\"event\":\"CallCard::$name\"}"
	done
	wd_wait '#workers [data-subscriptions="1"]'
	card CallCardClose
	assert_equal "$(frame 'return messages.filter(text => !/^(ask|initialized)/.test(text)).length')" 0
}

@test "12.4, 13.2: a side panel without telephony code has no commands and no events; with it, it has" {
	wd_start
	page
	wd_click '#open-slider'
	inside_ready
	INSIDE=1
	say k1 getInterface
	assert_equal "$(heard k1)" '{"command":[],"event":[]}'
	say k2 CallCardGetListUiStates
	say k3 placementBindEvent '{"event":"BackgroundCallCard::initialized"}'
	say k4 getInitData
	heard k4 >/dev/null
	assert_equal "$(frame 'return messages.map(text => text.split(":")[0]).join()')" '"k1,k4"'
	ring
	INSIDE=''
	wd_wait '#card'
	wd_frame '#slider-frame'
	wd_none '#card'
	page 'IFRAME=Y&IFRAME_TYPE=SIDE_SLIDER&telephony=1'
	say k5 CallCardGetListUiStates
	assert_equal "$(heard k5 | jq length)" 12
}

@test "12.4: openPath and openApplication answer when the panel closes" {
	wd_start
	page
	say k1 openPath '{"path":"http://elsewhere.example/"}'
	assert_equal "$(heard k1)" '{"result":"error","errorCode":"PATH_NOT_AVAILABLE"}'
	say k2 openPath '{"path":"/crm/deal/details/1/"}'
	inside_ready
	silent k2
	wd_click '#close-slider'
	assert_equal "$(heard k2)" '{"result":"close"}'
	say k3 closeApplication
	silent k3
	say k4 openApplication '{"page":"settings","bx24_width":500}'
	wd_wait_text slider-body settings
	silent k4
	say k5 closeApplication
	assert_equal "$(heard k5)" ''
	assert_equal "$(heard k4)" ''
	wd_wait '#slider[hidden]'
}

@test "12.4: the messenger is opened without a word, and nobody chooses anything in a hidden frame" {
	wd_start
	page
	say k1 imCallTo '{"userId":2,"video":false}'
	wd_wait_text notices 'calls a colleague'
	say k2 imOpenMessenger
	wd_wait_text notices 'opens the messenger'
	say k3 imOpenHistory '{"dialogId":"chat1"}'
	wd_wait_text notices 'opens a conversation'
	say k4 selectUser '{"title":"Who?","mult":true}'
	say k5 selectAccess '{"value":[]}'
	say k6 selectCRM '{"entityType":["lead"],"multiple":"N"}'
	# What is asked after them is answered, and they are not.
	say k7 getInterface
	heard k7 >/dev/null
	assert_equal "$(frame 'return messages.map(text => text.split(":")[0]).join()')" '"k7"'
}

@test "7.1: an installer page finishes the installation and the page loads again" {
	world uninstall >/dev/null
	world install "{\"ui\":true,\"install_url\":\"$HANDLER\"}" >/dev/null
	wd_start
	page
	assert_equal "$(wd_js 'return document.querySelectorAll("#frames iframe").length')" 0
	wd_click '#installer-3'
	wd_frame '#slider-body iframe'
	assert_equal "$(wd_js 'const form = new URLSearchParams(request.body); return [form.get("PLACEMENT"), form.get("PLACEMENT_OPTIONS")]')" '["DEFAULT",null]'
	wd_js 'say("getInitData", "k1"); say("placementBindEvent", "k2", {event: "BackgroundCallCard::initialized"}); say("getInterface", "k3")' >/dev/null
	wd_js 'return heard("k3")' >/dev/null
	run wd_js 'return messages'
	assert_json '(.[0][3:] | fromjson | .INSTALL and .PLACEMENT == "DEFAULT") and .[1] == "k3:{\"command\":[],\"event\":[]}"'
	# what placements are denied works here
	wd_js 'say("setTitle", "", {title: "mine"})' >/dev/null
	wd_top
	wd_wait '//title[. = "mine"]'
	wd_frame '#slider-body iframe'
	wd_js 'say("setInstallFinish")' >/dev/null
	wd_top
	wd_wait 'body[data-ready]:not(:has(#installer-3))'
	run wd_js 'return location.search'
	assert_output --partial install_finished=Y
	TOKEN=$(world token | jq -r .access_token) run rest app.info
	assert_json '.result.INSTALLED == true'
}
