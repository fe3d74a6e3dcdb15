# Completion of the bx tools: the binary itself knows what may follow.
for tool in bx-auth bx-rest bx-bind bx-call bx-card bx-serve bx-sandbox
    complete -c $tool -a "($tool --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)"
end
