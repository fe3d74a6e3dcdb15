# bx-call: records, transcripts, search, lines, and one call at several employees.
load lib
load client

setup() { bx_setup; client_portal; }
teardown() { bx_teardown; }

# A finished call; its line is in call.json.
finished() {
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in "$@" >call.json
	bx-call -c - finish --duration 5 <call.json >/dev/null
}
wav() { printf 'RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0%s' "${1:-12345678}"; }
mp3() { printf 'ID3\x03\0\0\0\0\0\0\xff\xfb\x90\0rest'; }

@test "a record goes up in two steps, whole, with the name its content asks for" {
	finished
	wav >'Call of today.WAV'
	run --separate-stderr bx-call -c - record 'Call of today.WAV' <call.json
	assert_success
	assert_json ".CALL_ID == $(jq .CALL_ID call.json) and (.FILE_ID | type) == \"number\""
	file=$(field .FILE_ID)
	assert_equal "$(asked telephony.externalCall.attachRecord) $(asked upload.json)" '1 1'
	assert_equal "$(ctl dump | jq -rc --argjson id "$file" '.. | objects | select(.ID == $id and .size) | [.name, .size]')" \
		'["Call of today.wav",52]'
	run bx-call history
	assert_json ".RECORD_FILE_ID == $file"
	mp3 >noise
	run --separate-stderr bx-call -c - record noise --name talk <call.json
	assert_success
	ctl dump | jq -e '.. | objects | select(.name? == "talk.mp3")'
}

@test "what is no sound is not sent" {
	finished
	before=$(asked telephony.externalCall.attachRecord)
	: >empty.wav
	echo '<html>' >page.wav
	mkdir dir.wav
	for file in empty.wav page.wav dir.wav nothing.wav; do
		run --separate-stderr bx-call -c - record "$file" <call.json
		assert_failure 2
		[[ $stderr == *"$file"* ]]
	done
	run --separate-stderr bx-call -c - record <call.json
	assert_failure 2
	assert_equal "$(asked telephony.externalCall.attachRecord)" "$before"
}

@test "a record is refused before the call is finished" {
	bx-call register --ext 101 --phone 5550123 --type in >call.json
	wav >a.wav
	run --separate-stderr bx-call -c - record a.wav <call.json
	assert_failure 1
	[[ $stderr == *"not found in the statistic table"* ]]
}

@test "an address is downloaded by the portal" {
	finished
	ctl serve talk.wav --type audio/x-wav --base64 "$(wav | base64 -w0)"
	run --separate-stderr bx-call -c - record "$SANDBOX/sandbox/sink/talk.wav" <call.json
	assert_success
	assert_json '.FILE_ID > 0'
	run --separate-stderr bx-call -c - record "$SANDBOX/no/such.wav" <call.json
	assert_failure 1
}

@test "a cut upload is repeated, and the call has one record" {
	finished
	wav >a.wav
	ctl drop upload
	run --separate-stderr bx-call -c - record a.wav <call.json
	assert_success
	assert_equal "$(asked upload.json)" 2
	run bx-call history
	assert_json ".RECORD_FILE_ID > 0"
}

@test "a file that is still written is waited for" {
	finished
	mkfifo notes
	exec 7>growing.wav
	wav 1234 >&7
	bx-call -c "$(jq -r .CALL_ID call.json)" record --wait-stable growing.wav >done.json 2>notes 7>&- &
	pid=$!
	read -r line <notes
	[[ $line == *"still being written"* ]]
	printf 5678 >&7
	exec 7>&-
	wait "$pid"
	ctl dump | jq -e --argjson id "$(jq .FILE_ID done.json)" '.. | objects | select(.ID == $id and .size == 52)'
	exec 7>>growing.wav
	run --separate-stderr bx-call -t 0.1 -c "$(jq -r .CALL_ID call.json)" record --wait-stable growing.wav
	exec 7>&-
	assert_failure 6
}

@test "a transcript as JSON, as a list and as an object" {
	finished
	echo '[{"SIDE":"User","START_TIME":0,"STOP_TIME":2,"MESSAGE":"Hello"}]' >list.json
	run --separate-stderr bx-call -c - transcript list.json <call.json
	assert_success
	assert_json '.TRANSCRIPT_ID > 0 and (.CALL_ID | startswith("externalCall."))'
	run --separate-stderr bash -c "jq '{MESSAGES: .}' list.json | bx-call -c '$(jq -r .CALL_ID call.json)' transcript - --cost 2 --currency USD"
	assert_success
	for bad in '[]' '[{"SIDE":"Nobody","START_TIME":0,"STOP_TIME":2,"MESSAGE":"x"}]' '{' '{"MESSAGES":7}' \
		'[{"SIDE":"User","START_TIME":0,"STOP_TIME":0,"MESSAGE":"x"}]'; do
		echo "$bad" >bad.json
		run --separate-stderr bx-call -c - transcript bad.json <call.json
		assert_failure 2
	done
}

@test "captions become messages with sides and whole seconds" {
	cat >talk.vtt <<-'END'
		WEBVTT - a call

		NOTE nothing of this

		1
		00:00.400 --> 00:02.100 align:start
		<v Ann>Good morning,
		<i>how</i> can I help &amp; so on?

		00:02.500 --> 00:04.000
		<v Customer>It is broken.

		01:00:01.000 --> 01:00:01.000
		Again.
	END
	run --separate-stderr bx-call -n -c externalCall.1 transcript talk.vtt --speaker Ann=user
	assert_success
	assert_json '.body.MESSAGES == [
		{SIDE:"User",START_TIME:0,STOP_TIME:3,MESSAGE:"Good morning, how can I help & so on?"},
		{SIDE:"Client",START_TIME:2,STOP_TIME:4,MESSAGE:"It is broken."},
		{SIDE:"Client",START_TIME:3601,STOP_TIME:3601,MESSAGE:"Again."}]'
	printf '1\r\n00:00:00,000 --> 00:00:00,900\r\nOperator: Hi: there\r\nClient: Hi\r\n\r\n2\r\n00:00:01,000 --> 00:00:02,001\r\nmore\r\n' >talk.srt
	run --separate-stderr bx-call -n -c externalCall.1 transcript talk.srt
	assert_json '[.body.MESSAGES[] | [.SIDE, .START_TIME, .STOP_TIME, .MESSAGE]] ==
		[["User",0,1,"Hi: there"],["Client",0,1,"Hi"],["Client",1,3,"more"]]'
	run --separate-stderr bx-call -n -c externalCall.1 transcript talk.vtt
	assert_failure 2
	[[ $stderr == *"who is 'Ann'"* ]]
	run --separate-stderr bx-call -n -c externalCall.1 transcript talk.vtt --speaker Ann=boss
	assert_failure 2
	printf 'WEBVTT\n\nlater --> never\nx\n' >bad.vtt
	run --separate-stderr bx-call -n -c externalCall.1 transcript bad.vtt
	assert_failure 2
	[[ $stderr == *"line 3"* ]]
}

@test "search prints what the CRM knows of a number" {
	run --separate-stderr bx-call search '+1 555 010 0199'
	assert_success
	assert_json '.CRM_ENTITY_TYPE == "CONTACT" and .CRM_ENTITY_ID > 0'
	run --separate-stderr bx-call search 000
	assert_success
	assert_output ''
	run --separate-stderr bx-call search
	assert_failure 2
}

@test "lines are added, changed, listed and deleted" {
	run --separate-stderr bx-call line add 15550100 --name Sales
	assert_success
	assert_json '.NUMBER == "15550100" and .ID > 0 and .result'
	run --separate-stderr bx-call line add 15550100
	assert_failure 1
	[[ $stderr == *"Line already exists"* ]]
	run --separate-stderr bx-call line set 15550100 --name 'Sales two' --no-crm-create
	assert_success
	run --separate-stderr bx-call line ls
	assert_json '.NUMBER == "15550100" and .NAME == "Sales two" and .CRM_AUTO_CREATE == "N"'
	run --separate-stderr bx-call line set 15550100
	assert_failure 2
	run --separate-stderr bx-call line rm 15550100
	assert_json '.NUMBER == "15550100" and .result'
	run --separate-stderr bx-call line rm 15550100
	assert_failure 1
	run --separate-stderr bx-call line ls
	assert_output ''
	run --separate-stderr bx-call -n line add 7
	assert_json '.body.NUMBER == "7"'
}

@test "one call rings at many, one answers, the others' cards go, and it is booked to who answered" {
	run --separate-stderr bx-call ring --user 1 --user 2 --user 3 --phone 5550123 --type in --id many
	assert_success
	assert_json '.user == [1,2,3] and .EXTERNAL_CALL_ID == "many"'
	assert_equal "$(asked telephony.externalCall.register) $(asked telephony.externalCall.show)" '1 1'
	run --separate-stderr bx-call -c ext:many ring --user 4
	assert_json '.result and .user == [4]'
	run --separate-stderr bx-call -c ext:many answered --user 2
	assert_json '.user == 2 and .hidden == [1,3,4]'
	assert_equal "$(ctl log | jq -c 'select(.path // "" | endswith(".hide")) | .body | fromjson | .USER_ID')" '[1,3,4]'
	run --separate-stderr bx-call -c ext:many finish --duration 3
	assert_json '.PORTAL_USER_ID == 2'
	assert_equal "$(asked telephony.externalCall.hide)" 1
	run --separate-stderr bx-call -c ext:many ring --user 1
	assert_failure 5
	for args in 'ring --phone 5 --type in' 'ring --user x --phone 5 --type in' '-c ext:many answered'; do
		# shellcheck disable=SC2086
		run --separate-stderr bx-call $args
		assert_failure 2
	done
	run --separate-stderr bx-call -c externalCall.none answered --user 1
	assert_failure 5
}

@test "who answers a call that still waits in the outbox is told to say so at the end" {
	stop sandbox
	export BX_SPOOL=1
	run --separate-stderr bx-call -t 0.2 ring --id late --user 1 --user 2 --phone 5550100 --type in
	assert_failure 7
	run --separate-stderr bx-call -t 0.2 -c ext:late answered --user 2
	assert_failure 5
	[[ $stderr == *'finish it with --user 2' ]] || fail "$stderr"
	run --separate-stderr bx-call -t 0.2 -c ext:late finish --user 2 --duration 5
	assert_failure 7
}
