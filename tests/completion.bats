# Completion: what the tools offer, and that each shell passes it on at a real prompt.
load lib
load client

setup() { bx_setup; }
teardown() { bx_teardown; }

# What TOOL offers for the last word, without descriptions.
offers() { run --separate-stderr bash -c '"$0" --complete "$@" | cut -f1' "$@"; }

# Types keys at a prompt and prints the terminal.   typed SHELL RC KEYS (SHELL reads the file rc)
typed() {
	printf '%s\n' "$2" >rc && cp rc .zshrc
	printf '%b\n\025exit\n' "$3" >keys
	script -qec "$1" /dev/null <keys | tr -d '\r' | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g'
}
in_bash() {
	typed 'bash --noprofile --rcfile rc -i' ". '$BX_ROOT/completions/bx.bash'; PS1='> '
		bind 'set bell-style none' 'set completion-query-items 0' 'set page-completions off'
		bind 'set enable-bracketed-paste off' 'set completion-display-width 0'" "$1"
}
in_zsh() {
	typed 'env TERM=dumb ZDOTDIR=. zsh -d -i' "fpath=('$BX_ROOT/completions' \$fpath); autoload -U compinit
		compinit -u -D; PS1='> '; LISTMAX=1000; COLUMNS=160; unsetopt zle_bracketed_paste 2>/dev/null" "$1"
}
in_fish() {
	fish --no-config -c "source '$BX_ROOT/completions/bx.fish'; complete -C \$argv[1]" "$1"
}
# Keys that turn the line into the arguments of a command that shows them.
SHOW="\\001printf '<%s>' \\n"

@test "verbs, words of verbs, and their descriptions" {
	run --separate-stderr bx-card --complete ''
	assert_line $'mute\tMute the microphone on the card'
	assert_line timer
	offers bx-card timer ''
	assert_output $'start\nstop'
	offers bx-card timer st
	assert_output $'start\nstop'
	offers bx-card nothing ''
	refute_output
}

@test "options of the verb, of the tool and of all tools, both ways where there are two" {
	offers bx-card state con --
	assert_line --no-timer
	assert_line --call
	assert_line --portal
	refute_line --cursor
	offers bx-call register --no
	assert_output --partial --no-show
	offers bx-serve --pu
	assert_output --public-url
}

@test "values: words, states, events, buttons, methods, forms of output" {
	offers bx-call register --type ''
	assert_output $'out\nin\nredirect\ncallback\ninfo'
	offers bx-call register --type=i
	assert_output $'--type=in\n--type=info'
	offers bx-card state conn
	assert_output $'connectingIncoming\nconnectingOutgoing\nconnected'
	offers bx-card -c x mute ''
	assert_output $'on\noff'
	offers bx-card wait mute answerB
	assert_output answerButtonClick
	offers bx-card events -e hangup
	assert_line hangup
	offers bx-rest telephony.externalCall.f
	assert_output telephony.externalCall.finish
	offers bx-rest list voximplant.st
	assert_output voximplant.statistic.get
	offers bx-rest -o ''
	assert_output $'json\npretty\ntable'
	offers bx-sandbox ctl click ans
	assert_output answer
	offers bx-auth add office --file ''
	assert_output :file
	offers bx-serve --hooks ''
	assert_output :dir
}

@test "words of options that narrow a list" {
	offers bx-call history --type ''
	assert_output "$(printf '%s\n' out in redirect callback info)"
	offers bx-call history --status mi
	assert_output missed
}

@test "every verb of every tool is completed, word by word, and so are its options" {
	local tool verb word line
	for tool in $(ls "$BX_BIN"); do
		while read -r verb; do
			line=''
			for word in $verb; do
				# shellcheck disable=SC2086
				offers "$tool" $line "${word:0:1}"
				assert_line "$word"
				line+=" $word"
			done
			# shellcheck disable=SC2086
			offers "$tool" $verb --
			assert_equal "$(sed 's/^--no-/--/' <<<"$output" | sort -u)" \
				"$("$tool" $verb --help | sed -n '/^options:/,$p' |
					sed -nE 's/^ +(-., )? *--(\[no-\])?(no-)?([a-z0-9-]+).*/--\4/p' | sort -u)"
		done < <("$tool" --help | sed -n '/^verbs:/,/^options:/s/^  \([a-z].*\)/\1/p' | cut -c1-28 |
			sed -E 's/  .*//; s/ [^a-z ].*//; s/ on\|off.*//; s/ +$//')
	done
}

@test "what is bound, played, fetched and retried" {
	offers bx-bind event add ONVOXIMPLANTCALLE
	assert_output ONVOXIMPLANTCALLEND
	offers bx-bind event pull ''
	assert_line ONEXTERNALCALLSTART
	refute_line initialized
	for verb in add rm; do
		offers bx-bind $verb ''
		assert_output worker
	done
	for verb in apply diff; do
		offers bx-bind $verb ''
		assert_output :file
	done
	offers bx-card play ''
	assert_output :file
	offers bx-serve --registrations ''
	assert_output :file
	offers bx-serve --on answerB
	assert_output answerButtonClick
	offers bx-bind -p x worker --al
	assert_output --all
}

@test "placements, events and scopes: of the rows, and those a portal has told of" {
	offers bx-rest methods --scope tele
	assert_output telephony
	offers bx-rest methods --scope ''
	assert_equal "$(sort <<<"$output" | uniq -d)" ''
	assert_line placement
	client_portal
	for verb in add rm; do
		offers bx-bind $verb ''
		assert_output worker
	done
	bx-bind available --scope telephony >/dev/null
	offers bx-bind add CALL
	refute_output
	bx-bind available | jq -r .placement >placements
	bx-bind event available >/dev/null
	ctl log | wc -l >before
	for verb in add rm; do
		offers bx-bind $verb ''
		assert_equal "$(sort <<<"$output")" "$(echo worker | sort - placements)"
	done
	run --separate-stderr bx-bind --complete add PAGE
	assert_output $'PAGE_BACKGROUND_WORKER\thidden on every page of the portal'
	offers bx-bind event add ONOFFLINE
	assert_output ONOFFLINEEVENT
	# What the app may use came with its tokens, also what no row is of.
	sqlite3 "$BX_STATE/portals.db" "update profile set scope = scope || ',odd_scope'"
	offers bx-bind available --scope odd
	assert_output odd_scope
	offers bx-rest methods --scope=tele
	assert_output --scope=telephony
	assert_equal "$(ctl log | wc -l)" "$(cat before)"
}

@test "placements and scopes in each shell" {
	local shell
	client_portal
	bx-bind available >/dev/null
	for shell in bash zsh; do
		run in_$shell "bx-bind rm LEFT\\t$SHOW"
		assert_output --partial '<bx-bind><rm><LEFT_MENU>'
		run in_$shell "bx-rest methods --scope tele\\t$SHOW"
		assert_output --partial '<methods><--scope><telephony>'
	done
	run in_fish 'bx-bind rm LEFT'
	assert_output LEFT_MENU
	run in_fish 'bx-rest methods --scope tele'
	assert_output telephony
}

@test "portals: names with what they are" {
	echo https://crm.example.com/rest/1/abcdef0123456789/ | bx-auth add office --webhook
	echo s3cret | bx-auth -q add branch --app --domain b.example.com --client-id local.1
	run --separate-stderr bx-call --complete -p ''
	assert_line $'office\twebhook of crm.example.com'
	assert_line $'branch\tapp of b.example.com, waits for its tokens'
	offers bx-auth show o
	assert_output office
	refute_output --partial abcdef
}

@test "calls: of the store and of the daemon, with caller and operator" {
	whole_portal
	bx-call register --id mine --ext 101 --phone '+1 555 010 0199' --type in >call.json
	local id
	id=$(jq -r .CALL_ID call.json)
	run --separate-stderr bx-card --complete -c ''
	assert_line --regexp "^$id"$'\t'".*555 010 0199, extension 101"
	offers bx-call -c ext:
	assert_output ext:mine
	bx-call -c - finish --duration 1 <call.json
	offers bx-card -c "$id"
	refute_output
}

@test "events to wait for: of the card, of the portal, of the daemon" {
	offers bx-card wait card.
	assert_output "$(printf 'card.gone\ncard.back')"
	offers bx-card wait ans
	assert_line answerButtonClick
	assert_line answer
	offers bx-card wait hook
	assert_output hook.failed
	run --separate-stderr bx-card -n -c c1 wait card.gone onCrmDealAdd BackgroundCallCard::initialized answer
	assert_json '.events == ["card.gone", "ONCRMDEALADD", "initialized", "answerButtonClick"]'
	run --separate-stderr bx-card -n -c c1 wait card.goen
	assert_failure 2
}

@test "nothing is made, and nobody in the network is asked" {
	rmdir "$BX_STATE"
	offers bx-call -c ''
	assert_success
	[ ! -e "$BX_STATE" ]
	mkdir -m 700 "$BX_STATE"
	echo https://crm.example.com/rest/1/abcdef0123456789/ | bx-auth add office --webhook
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=network bx-call --complete -c ''
	run grep -c -e AF_INET -e AF_NETLINK trace
	assert_output 0
}

@test "bash" {
	run in_bash "bx-card mu\\t$SHOW"
	assert_output --partial '<bx-card><mute>'
	run in_bash "bx-call register --type=ca\\t$SHOW"
	assert_output --partial '<bx-call><register><--type=callback>'
	run in_bash "bx-card state conn\\t\\t\\t"
	assert_output --regexp 'connected +the conversation'
	touch 'a file'
	run in_bash "bx-auth add x --file a\\t$SHOW"
	assert_output --partial '<--file><a file>'
	run in_bash "bx-bind event pu\\t$SHOW"
	assert_output --partial '<bx-bind><event><pull>'
	echo https://crm.example.com/rest/1/abcdef0123456789/ | bx-auth add office --webhook
	run in_bash "bx-rest -o json --portal off\\t$SHOW"
	assert_output --partial '<json><--portal><office>'
}

@test "bash: words with colons are completed whole" {
	whole_portal
	bx-call register --id mine --ext 101 --phone '+1 555 010 0199' --type in --no-show
	run in_bash "bx-call -c ext:mi\\t$SHOW"
	assert_output --partial '<-c><ext:mine>'
}

@test "live calls are told by caller and operator in each shell" {
	local shell keys
	whole_portal
	for call in a b; do
		bx-call register --id $call --ext 101 --phone '+1 555 010 0199' --type in --new >/dev/null
	done
	for shell in bash zsh fish; do
		keys='bx-card -c \t\t\t'
		[ $shell != fish ] || keys='bx-card -c '
		run "in_$shell" "$keys"
		assert_output --regexp 'externalCall[^ ]*.*555 ?010 ?0199, (user 1|extension 101)'
	done
}

@test "zsh" {
	run in_zsh "bx-card mu\\t$SHOW"
	assert_output --partial '<bx-card><mute>'
	run in_zsh "bx-call register --type=ca\\t$SHOW"
	assert_output --partial '<bx-call><register><--type=callback>'
	run in_zsh "bx-card state conn\\t\\t"
	assert_output --regexp 'connected +-- the conversation'
	touch 'a file'
	run in_zsh "bx-auth add x --file a\\t$SHOW"
	assert_output --partial '<--file><a file>'
	run in_zsh "bx-bind event pu\\t$SHOW"
	assert_output --partial '<bx-bind><event><pull>'
}

@test "fish" {
	run in_fish 'bx-card mu'
	assert_output $'mute\tMute the microphone on the card'
	run in_fish 'bx-call register --type=ca'
	assert_output $'--type=callback\tcallback'
	run in_fish 'bx-card state connected'
	assert_output $'connected\tthe conversation'
	touch 'a file'
	run in_fish 'bx-auth add x --file a'
	assert_output --partial 'file'
	run in_fish 'bx-bind event pu'
	assert_output --partial $'pull\tfetch events'
}

@test "every tool is completed in every shell" {
	local tool
	for tool in $(ls "$BX_BIN"); do
		grep -q "^complete .* $tool\b" "$BX_ROOT/completions/bx.bash"
		grep -q "^#compdef .*$tool\b" "$BX_ROOT/completions/_bx"
		grep -q "^for tool in .*$tool\b" "$BX_ROOT/completions/bx.fish"
	done
}
