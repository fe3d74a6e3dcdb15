#!/bin/sh
# A call rings at a group. Whoever answers first has it, and the others' cards go; if nobody does,
# it is a missed call, and somebody has to call back: their numbers are what this prints.
#
# A PBX says what happens, a line each on standard input:
#	ring ID CALLER USER...
#	answer ID USER
#	hangup ID SECONDS
set -u

while read -r what id rest; do
	case $what in
	ring)
		caller=${rest%% *} users=''
		for user in ${rest#* }; do
			users="$users --user $user"
		done
		# shellcheck disable=SC2086
		bx-call ring --id "$id" --phone "$caller" --type in $users >/dev/null
		;;
	answer) bx-call -c "ext:$id" answered --user "$rest" >/dev/null ;;
	hangup)
		if [ "$rest" -gt 0 ]; then
			bx-call -c "ext:$id" finish --duration "$rest" >/dev/null
		else
			bx-call -c "ext:$id" finish --status missed | jq -r .PHONE_NUMBER
		fi
		;;
	esac
done
