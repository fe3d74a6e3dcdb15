# Completion of the bx tools: the binary itself knows what may follow.
function __bx_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] --complete $words[2..] 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path (commandline -ct)
            case :dir
                __fish_complete_directories (commandline -ct) ''
            case '*'
                echo -- $line
        end
    end
end
for tool in bx-auth bx-rest bx-bind bx-call bx-card bx-serve bx-sandbox
    complete -c $tool -f -k -a "(__bx_complete)"
end
