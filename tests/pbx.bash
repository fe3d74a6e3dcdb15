# shellcheck shell=bash disable=SC2154
# A PBX as far as a script of its dialplan sees one.

# Runs the AGI script as Asterisk does and answers what it asks; VERBOSE goes to pbx.console.
#   agi ring|dial|hangup UNIQUEID CALLER EXTENSION [VARIABLE=VALUE...]
agi() {
	local what=$1 id=$2 caller=$3 extension=$4 line name variable answer in out pid status=0
	shift 4
	coproc AGI { exec "$BX_ROOT/tests/flows/bx.agi" 2>>pbx.console 3>&-; }
	pid=$AGI_PID
	exec {out}>&"${AGI[1]}" {in}<&"${AGI[0]}"
	printf '%s\n' 'agi_network: no' 'agi_request: bx.agi' 'agi_channel: PJSIP/trunk-00000001' \
		"agi_uniqueid: $id" "agi_callerid: $caller" 'agi_calleridname: Ann: Lee' "agi_extension: $extension" \
		"agi_arg_1: $what" '' >&"$out"
	while IFS= read -r line <&"$in"; do
		case $line in
		'GET VARIABLE '*)
			name=${line#GET VARIABLE } answer='200 result=0'
			for variable; do
				[ "${variable%%=*}" != "$name" ] || answer="200 result=1 (${variable#*=})"
			done
			;;
		VERBOSE*)
			echo "$line" >>pbx.console
			answer='200 result=1'
			;;
		*)
			echo "unknown: $line" >>pbx.console
			answer='510 Invalid or unknown command'
			;;
		esac
		echo "$answer" >&"$out"
	done
	exec {out}>&- {in}<&-
	wait "$pid" || status=$?
	return "$status"
}
