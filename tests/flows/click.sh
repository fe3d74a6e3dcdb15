#!/bin/sh
# An operator clicks a number in the portal: the PBX rings the operator, then dials the number.
#
#	bx-serve --on ONEXTERNALCALLSTART=/etc/bx/click.sh ...
#
# The portal has registered the call and shows its card. The PBX goes on as with every call: bx.agi
# registers it by the id of the PBX, which finds the portal's own call, and finishes it.
set -eu

# It goes into a command of the PBX, so digits only.
number=$(jq -r .data.PHONE_NUMBER_INTERNATIONAL | tr -cd '0-9+*#')
operator=$(bx-rest list user.get "FILTER[ID]=$BX_USER" | jq -r .UF_PHONE_INNER | tr -cd 0-9)

# A hook that fails is run again, and nobody wants to be rung a minute later: it ends well either way.
if [ -z "$operator" ] ||
	! asterisk -rx "channel originate Local/$operator@operators extension $number@outgoing"; then
	bx-call -c "$BX_CALL_ID" finish --status unavailable --reason 'the PBX did not take the call'
fi
