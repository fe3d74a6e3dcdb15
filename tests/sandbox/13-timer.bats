# The timer of the call card (portal.md 13.9). The page's clock stands still but for the orders of
# the test, so that every value is exact.
load page

setup() {
	page_setup
	wd_start
	page clock=still
	ring
	wd_wait '#card'
}
teardown() { bx_teardown; }

# The timer comes to show that many seconds.   shows SECONDS
shows() {
	wd_wait "//*[@id='card-timer'][not(@hidden)][. = '$(printf '%02d:%02d' $(($1 / 60)) $(($1 % 60)))']"
}
hides() { wd_wait '#card-timer[hidden]'; }
# The two timer commands have no answer; a third one shows that they have been carried out.
timer() {
	say - "CallCard$1Timer"
	count none >/dev/null
}

@test "13.9: connected starts it, minutes are not wrapped, states that keep it keep it, others clear it" {
	hides
	state connected
	shows 0
	later 95
	shows 95
	later 5900
	shows 5995
	local name
	for name in transferring transferFailed transferConnected connected; do
		state "$name"
		shows 5995
	done
	for name in incoming transferIncoming outgoing connectingIncoming connectingOutgoing error moneyError redial; do
		state "$name"
		hides
		state connected
		shows 0
		state transferring
		later 60
	done
}

@test "13.9: stop keeps the last value, and a pause counts" {
	timer Start
	shows 0
	wd_wait '#card[data-state=""]'
	later 100
	shows 100
	timer Stop
	timer Stop
	later 300
	shows 100
	timer Start
	timer Start
	shows 400
}

@test "13.9: a stopped timer goes with the next state that is not connected" {
	state connected
	later 100
	timer Stop
	shows 100
	state connected
	shows 100
	timer Stop
	state transferring
	hides
	state connected
	shows 0
	later 200
	shows 200
	timer Stop
	state transferConnected
	hides
	timer Start
	shows 0
}

@test "13.9: connected with the flag clears it; other states do not know the flag" {
	state connected
	later 100
	state connected '"disableAutoStartTimer":true'
	hides
	state transferring
	hides
	state connected '"disableAutoStartTimer":true'
	hides
	timer Start
	shows 0
	later 100
	state transferring '"disableAutoStartTimer":true'
	shows 100
	state connected '"disableAutoStartTimer":false'
	shows 100
	state connected '"disableAutoStartTimer":true'
	state connected
	shows 0
}

@test "13.9: a CRM object that comes later starts the timer again where the page enters the state anew" {
	state connected '"disableAutoStartTimer":true'
	world entity "{\"call\":\"$CALL\",\"type\":\"COMPANY\",\"id\":12}" >/dev/null
	count none >/dev/null
	hides
	page 'clock=still&crm=again'
	rest telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}" >/dev/null
	wd_wait '#card'
	state connected '"disableAutoStartTimer":true'
	hides
	world entity "{\"call\":\"$CALL\",\"type\":\"LEAD\",\"id\":41}" >/dev/null
	shows 0
}

@test "13.9: a folded card shows timer and end alone" {
	state connected
	later 100
	wd_press fold
	wd_wait '#card.folded'
	shows 100
	assert_equal "$(buttons)" 'connected|fold hangup'
	card CallCardSetStatusText '{"statusText":"still heard"}'
	state error
	hides
	assert_equal "$(buttons)" 'error|close fold'
	state incoming
	assert_equal "$(buttons)" 'incoming|fold'
	wd_press fold
	wd_wait '#card:not(.folded)'
	assert_equal "$(buttons)" 'incoming|answer comment skip'
	wd_text '#card-status' | grep -x 'still heard'
}
