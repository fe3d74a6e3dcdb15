#!/bin/sh
# An incoming call driven from the shell. The operator presses Answer, later the microphone.
set -eu

bx-call register --ext 101 --phone '+1 555 010 0199' --type in --line 15550100 > call.json
bx-card -c - wait initialized < call.json
bx-card -c - state incoming < call.json
bx-card -c - title 'Ann Lee, gold customer' < call.json
bx-card -c - wait answerButtonClick < call.json
bx-card -c - state connected < call.json
bx-card -c - wait muteButtonClick < call.json
bx-card -c - close < call.json
bx-call -c - finish --duration 95 < call.json
